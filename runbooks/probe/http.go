package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"vigie/runbooks"
)

// checkHTTP fetches a page as a visitor would, over IPv4 and IPv6 apart. The verdict
// is that of IPv4 where the name has it, since most visitors come that way; v4 and v6
// say "ok", "fail", or "none" when there is no such address or no way of ours to test it.
// expect is a status ("401") that is then fine, or words that the page must show:
// without them it is "blank".
func checkHTTP(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	u, err := parseURL(strings.TrimSpace(args["url"]))
	if err != nil {
		return because("blocked_target", err)
	}
	addrs, err := a.resolve(ctx, u.host)
	if err != nil {
		rep := a.judge(nil, err, "")
		rep.Fields = map[string]any{"v4": "none", "v6": "none", "hint": "none"}
		return rep
	}
	var has4, has6 bool
	for _, v := range addrs {
		has4, has6 = has4 || v.is4(), has6 || !v.is4()
	}
	expect := strings.TrimSpace(args["expect"])
	var four, six *visit
	together(
		func() { four = a.visit(ctx, u, onlyV4, has4, expect) },
		func() { six = a.visit(ctx, u, onlyV6, has6, expect) },
	)
	best := four
	if four.state() == "none" {
		best = six
	}
	rep := best.rep
	if rep.Fields == nil {
		rep.Fields = map[string]any{"hint": "none"}
	}
	rep.Fields["v4"], rep.Fields["v6"] = four.state(), six.state()
	if best == four && six.state() == "fail" && four.state() == "ok" {
		rep.Detail += " v6: " + string(six.rep.Verdict) + " " + six.rep.Detail
	}
	return rep
}

// visit is one family's view of the page.
type visit struct{ rep runbooks.Report }

func (a *attempt) visit(ctx context.Context, u webURL, f family, exists bool, expect string) *visit {
	if !exists {
		return &visit{rep: verdict(runbooks.Unknown, nil, "no address")}
	}
	p, err := a.follow(ctx, u, f, a.set.MaxBody, true)
	return &visit{rep: a.judge(p, err, expect)}
}

// state is the value of the fields v4 and v6.
func (v *visit) state() string {
	switch v.rep.Verdict {
	case runbooks.Unknown:
		return "none"
	case runbooks.OK, "slow", "blank", "not_found", "forbidden", "client_error", "redirect_away":
		return "ok"
	}
	return "fail"
}

// judge turns a fetch into a verdict and fields.
func (a *attempt) judge(p *page, err error, expect string) runbooks.Report {
	v, detail := judgeError(err)
	if p == nil {
		return verdict(v, nil, detail)
	}
	title, hint := titleOf(p.body), hintOf(p)
	fields := map[string]any{
		"status": int64(p.status), "hops": int64(p.hops), "bytes": p.size, "ttfb_ms": p.ttfb.Milliseconds(),
		"final_host": p.url.host.name, "title": title, "server": clean(p.header.Get("Server"), 80), "hint": hint,
	}
	if err == nil {
		v, detail = a.judgePage(p, hint, expect)
	}
	return verdict(v, fields, detail)
}

func judgeError(err error) (runbooks.Verdict, string) {
	if err == nil {
		return "", ""
	}
	detail := err.Error()
	switch {
	case errors.Is(err, errAway):
		return "redirect_away", detail
	case errors.Is(err, errLoop), errors.Is(err, errManyRedirects):
		return "redirect_loop", detail
	}
	switch errKind(err) {
	case failBlocked:
		return "blocked_target", detail
	case failDNS:
		return "dns_error", detail
	case failOurs:
		return runbooks.Unknown, detail
	case failRefused:
		return "refused", detail
	case failReset:
		return "reset", detail
	case failTimeout, failUnreachable:
		return "timeout", detail
	case failTLS:
		return "tls_error", detail
	}
	// It answers, but not in HTTP, or with endless headers: the server is at fault.
	return "server_error", detail
}

// judgePage judges an answer by its status, then by what it shows.
func (a *attempt) judgePage(p *page, hint, expect string) (runbooks.Verdict, string) {
	status := fmt.Sprintf("HTTP %d", p.status)
	v := statusVerdict(p.status)
	switch {
	case expect == fmt.Sprint(p.status):
		return runbooks.OK, status
	case v != runbooks.OK:
		return v, status
	case isStatus(expect):
		return "client_error", status + ", another status was expected"
	case showsError(hint):
		return "server_error", status + " with an error page: " + hint
	case p.size == 0 || isBlank(p.body):
		return "blank", status
	case !strings.Contains(strings.ToLower(decodeText(p.body)), strings.ToLower(expect)):
		return "blank", status + ", without the words expected"
	case p.ttfb > a.set.SlowAfter:
		return "slow", status
	}
	return runbooks.OK, status
}

// statusVerdict is the verdict of a status alone. What is neither an answer nor a
// redirect that leads anywhere is put down to the one who made the request or the
// server, as HTTP does.
func statusVerdict(status int) runbooks.Verdict {
	switch status {
	case 401, 403:
		return "forbidden"
	case 404, 410:
		return "not_found"
	case 502, 504:
		return "gateway"
	case 503:
		return "unavailable"
	}
	switch status / 100 {
	case 2:
		return runbooks.OK
	case 3, 4:
		return "client_error"
	}
	return "server_error"
}

func isStatus(expect string) bool {
	return len(expect) == 3 && strings.Trim(expect, "0123456789") == ""
}

var (
	titleTag  = regexp.MustCompile(`(?is)<title[^>]*>(.{0,500}?)</title`)
	noText    = regexp.MustCompile(`(?is)<!--.*?-->|<head\b.*?</head>|<(style|script)\b.*?</(style|script)>|<!doctype[^>]*>|</?(html|body|head|br|p|div|meta|title)\b[^>]*>|&nbsp;`)
	utf8Marks = []byte("\xef\xbb\xbf")
)

// titleOf finds the page's title, clean, at most 120 bytes.
func titleOf(body []byte) string {
	m := titleTag.FindSubmatch(body[:min(len(body), 64<<10)])
	if m == nil {
		return ""
	}
	return clean(html.UnescapeString(decodeText(m[1])), 120)
}

// decodeText reads bytes as UTF-8, or else as Latin-1, as old French sites are.
func decodeText(b []byte) string {
	b = bytes.TrimPrefix(b, utf8Marks)
	if utf8.Valid(b) {
		return string(b)
	}
	// A cut at the limit may have split the last character only.
	if n := len(b); n > 3 && utf8.Valid(b[:n-3]) || n > 3 && utf8.Valid(b[:n-2]) || n > 3 && utf8.Valid(b[:n-1]) {
		return strings.ToValidUTF8(string(b), "")
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// isBlank says that a page shows nothing: no text, no image, no frame, no script that
// might draw something.
func isBlank(body []byte) bool {
	if len(body) > 16<<10 || bytes.Contains(bytes.ToLower(body), []byte("<script")) {
		return false
	}
	return len(bytes.TrimSpace(noText.ReplaceAll(bytes.TrimPrefix(body, utf8Marks), nil))) == 0
}
