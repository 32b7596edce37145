# Vigie. Two commands do all: make demo, make test. "make help" lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TAGS    := goolm
GOFILES  = $(shell git ls-files '*.go')
BIN     := $(CURDIR)/bin
LAB_BIN := $(BIN)/lab
PRODUCT := CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

# Tools are pinned in a module of their own (.ci/tools), so that they weigh on nothing.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck

# step NAME COMMAND: run, say how long it took, fail loudly.
define step
	@printf '\n== %s\n' "$(1)"; begin=$$(date +%s); \
	if ( set -e; $(2) ); then printf '== %s: ok (%s s)\n' "$(1)" "$$(( $$(date +%s) - begin ))"; \
	else printf '== %s: FAILED (%s s)\n' "$(1)" "$$(( $$(date +%s) - begin ))"; exit 1; fi
endef

.PHONY: help timelines build demo test tools format vet lint unit content e2e bench soak kills fuzz clean lab-servers

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

tools: ## say what this machine lacks
	@for t in go git gcc; do command -v $$t >/dev/null || { echo "missing: $$t (Debian: apt-get install golang git gcc)"; exit 1; }; done
	@v=$$(go env GOVERSION | sed 's/go1\.//; s/\..*//'); [ "$$v" -ge 26 ] || { echo "Go 1.26 or newer is needed, this is $$(go env GOVERSION)"; exit 1; }

build: tools ## make bin/vigie, static
	@mkdir -p $(BIN)
	$(PRODUCT) -o $(BIN)/vigie ./cmd/vigie

lab-servers: $(LAB_BIN)/.stamp ## build the real IRC server and homeserver of the lab (a few minutes, once)
$(LAB_BIN)/.stamp: cmd/lab/go.mod cmd/lab/go.sum
	@echo "building the lab's IRC and Matrix servers: a few minutes, once"
	@mkdir -p $(LAB_BIN)
	cd cmd/lab && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o $(LAB_BIN)/ tool
	@touch $@

$(BIN)/lab-program: lab-servers $(shell find cmd/lab -name '*.go' 2>/dev/null)
	cd cmd/lab && CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -o $@ .

demo: build $(BIN)/lab-program ## play the whole story on real servers, then stay up (ONCE=1: end with it)
	VIGIE_LAB_BIN=$(LAB_BIN) $(BIN)/lab-program story -vigie $(BIN)/vigie $(if $(ONCE),-once)

test: ## everything that must hold, with each step's time
	$(call step,tools,$(MAKE) -s tools)
	$(call step,format,$(MAKE) -s format)
	$(call step,build,$(MAKE) -s build)
	$(call step,vet,$(MAKE) -s vet)
	$(call step,staticcheck,$(MAKE) -s lint)
	$(call step,unit tests,$(MAKE) -s unit)
	$(call step,configuration and content,$(MAKE) -s content)
	$(call step,lab servers,$(MAKE) -s lab-servers)
	$(call step,end to end,$(MAKE) -s e2e)
	@echo; echo "all steps passed"

format:
	@bad=$$(gofmt -l $(or $(GOFILES),.)); [ -z "$$bad" ] || { echo "not gofmt-ed:"; echo "$$bad"; exit 1; }

vet:
	go vet -tags $(TAGS) ./...
	cd cmd/lab && go vet -tags $(TAGS) ./...

lint:
	cd .ci/tools && go build -o $(BIN)/staticcheck $(STATICCHECK)
	$(BIN)/staticcheck -tags $(TAGS) ./...
	cd cmd/lab && $(BIN)/staticcheck -tags $(TAGS) ./...

# The tests that read the whole library again and again, in one goroutine, go without the race detector: under it they take minutes.
SLOW_CLI := TheGuidesAreTrue|^TestGraph|^TestLint|^TestUpdate|^TestDiff
unit:
	go test -tags $(TAGS) -race -shuffle=on -timeout 10m $$(go list -tags $(TAGS) ./... | grep -v '/cmd/vigie$$')
	go test -tags $(TAGS) -race -shuffle=on -timeout 10m -skip '$(SLOW_CLI)' ./cmd/vigie
	go test -tags $(TAGS) -shuffle=on -timeout 10m -run '$(SLOW_CLI)' ./cmd/vigie
	go test -tags $(TAGS) ./commands/answer/train
	go test -tags $(TAGS) -run NeverAtAWrongMoment ./commands -rapid.checks=1000

content:
	$(BIN)/vigie check -c config.example.yaml
	$(BIN)/vigie runbook lint
	$(BIN)/vigie runbook test
	$(BIN)/vigie runbook explore

# The module of the transports follows both others: its own list of modules is made anew each time.
e2e: build lab-servers ## the real program on real servers; what a failure leaves is in bin/e2e
	@log=$$(mktemp); rm -rf $(BIN)/e2e; mkdir -p $(BIN)/e2e; cp cmd/lab/transports/go.mod $(BIN)/e2e/transports.mod; cp cmd/lab/transports/go.sum $(BIN)/e2e/transports.sum; \
	export VIGIE_LAB_BIN=$(LAB_BIN) VIGIE_BIN=$(BIN)/vigie; \
	if ( cd cmd/lab && go test -v -tags $(TAGS) -count=1 -timeout 20m -artifacts -outputdir $(BIN)/e2e ./... && \
	  cd transports && go test -v -mod=mod -modfile=$(BIN)/e2e/transports.mod -tags $(TAGS) -count=1 -timeout 10m ./... ) >$$log 2>&1; \
	then grep -E '^(--- |ok)|SKIPPED|soak: ' $$log; rm -f $$log; else cat $$log; rm -f $$log; exit 1; fi

SOAK ?= 30m
soak: build lab-servers ## bad links for 30 minutes (SOAK=10m, or SHORT=1 as in "make test"); prints the figures
	cd cmd/lab && VIGIE_LAB_BIN=$(LAB_BIN) VIGIE_BIN=$(BIN)/vigie VIGIE_SOAK=$(if $(SHORT),,$(SOAK)) go test -v -tags $(TAGS) -count=1 -timeout 12h -run '^TestSoak$$' ./e2e/

bench: build lab-servers ## testing.B figures, and the whole process beside a raw-socket echo
	go test -tags $(TAGS) -run '^$$' -bench . -benchmem ./bot/... ./commands/... ./runbooks/... ./store/...
	cd cmd/lab && VIGIE_LAB_BIN=$(LAB_BIN) go run -tags $(TAGS) ./bench -vigie $(BIN)/vigie

KILLS ?= 500
kills: build lab-servers ## the long form of the kill -9 test (KILLS=500)
	cd cmd/lab && VIGIE_LAB_BIN=$(LAB_BIN) VIGIE_BIN=$(BIN)/vigie VIGIE_KILLS=$(KILLS) go test -tags $(TAGS) -count=1 -timeout 12h -run Kill ./e2e/

timelines: ## ten thousand random lives of a donation call (make test plays a thousand)
	go test -tags $(TAGS) -timeout 1h -run NeverAtAWrongMoment ./commands -rapid.checks=10000

FUZZTIME ?= 60s
fuzz: ## every fuzz target for FUZZTIME
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | grep -v '^./cmd/lab'); do \
	  for t in $$(grep -oE '^func Fuzz[A-Za-z0-9_]+' $$f | sed 's/func //'); do \
	    echo "== $$(dirname $$f) $$t"; go test -tags $(TAGS) -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f) || exit 1; done; done

clean:
	rm -rf $(BIN)
