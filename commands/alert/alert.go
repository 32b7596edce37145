// Package alert reads what monitoring sends: Alertmanager's webhook (version 4), and
// any JSON by expressions that the operator writes. It is pure: bytes in, a Signal out.
//
// Expressions are expr (https://expr-lang.org), typed when they are compiled, and without
// closures, ranges, calls or variables, so that their cost does not depend on what
// is sent.
package alert

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/bot/chat"
)

// Config says how one monitor's messages are read.
type Config struct {
	// Name is the last part of the address that it posts to: /hook/NAME.
	Name string `yaml:"name"`
	// Kind is alertmanager, or json for anything else.
	Kind string `yaml:"kind"`
	// Policy is what an alert makes: propose (the default) an incident that a person opens, open
	// one at once, or tell the adminsys only.
	Policy string `yaml:"policy"`
	// TokenFile and TokenEnv hold what must come as "Authorization: Bearer …"; HMACFile and HMACEnv
	// the key of a signature. One of the two.
	TokenFile string `yaml:"token_file"`
	TokenEnv  string `yaml:"token_env"`
	HMACFile  string `yaml:"hmac_file"`
	HMACEnv   string `yaml:"hmac_env"`
	// The expressions, over "body" for json, over "labels", "annotations", "status" and "receiver" for
	// alertmanager, where all are optional: Service is the id of a service; Severity 1 to
	// 4; Title what is wrong, for the adminsys; Key what is one trouble, and Firing whether it
	// lasts, both for json only.
	Service  string `yaml:"service"`
	Severity string `yaml:"severity"`
	Title    string `yaml:"title"`
	Key      string `yaml:"key"`
	Firing   string `yaml:"firing"`
}

// The kinds and policies of a Config.
const (
	KindAlertmanager = "alertmanager"
	KindJSON         = "json"
	Propose          = "propose"
	Open             = "open"
	Tell             = "tell"
)

// Signal is what a monitor says of one trouble.
type Signal struct {
	// Key names the trouble, the same each time it is spoken of.
	Key      string
	Service  string
	Severity int // 1 … 4
	Title    string
	// Firing is whether it lasts, as the monitor says it of the whole.
	Firing bool
	// Truncated is how many alerts the message leaves out.
	Truncated int
	Alerts    []Alert
}

// Alert is one of the alerts that make a trouble.
type Alert struct {
	Print  string // names it within the trouble
	Firing bool
	// From is since when, Until when it ended; Until is zero while it fires.
	From, Until time.Time
}

// Source reads the messages of one monitor. It is immutable.
type Source struct {
	Config
	service, severity, title, key, firing *expression
}

// Compile makes a Source, or says every mistake in its configuration.
func Compile(c Config) (*Source, error) {
	s := &Source{Config: c}
	var errs []error
	if c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		errs = append(errs, fmt.Errorf("name %q: write small letters, digits and -", c.Name))
	}
	if c.Kind != KindAlertmanager && c.Kind != KindJSON {
		errs = append(errs, fmt.Errorf("kind %q: write alertmanager or json", c.Kind))
	}
	switch c.Policy {
	case "":
		s.Policy = Propose
	case Propose, Open, Tell:
	default:
		errs = append(errs, fmt.Errorf("policy %q: write propose, open or tell", c.Policy))
	}
	for _, e := range []struct {
		name, src string
		kind      kind
		to        **expression
		must      bool
	}{
		{"service", c.Service, kindText, &s.service, c.Kind == KindJSON},
		{"severity", c.Severity, kindNumber, &s.severity, false},
		{"title", c.Title, kindText, &s.title, c.Kind == KindJSON},
		{"key", c.Key, kindText, &s.key, c.Kind == KindJSON},
		{"firing", c.Firing, kindTruth, &s.firing, c.Kind == KindJSON},
	} {
		if e.src == "" {
			if e.must {
				errs = append(errs, fmt.Errorf("%s: is missing: say it as an expression over body", e.name))
			}
			continue
		}
		compiled, err := compile(e.src, e.kind, c.Kind)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.name, err))
		}
		*e.to = compiled
	}
	return s, errors.Join(errs...)
}

// errShape says that a message is not what its kind says.
var errShape = errors.New("the message has another form than expected")

// Read makes a Signal of a message. The error names no part of the message.
func (s *Source) Read(body []byte) (Signal, error) {
	if s.Kind == KindAlertmanager {
		return s.readAlertmanager(body)
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return Signal{}, fmt.Errorf("%w: not JSON", errShape)
	}
	env := map[string]any{"body": v}
	var sig Signal
	var err error
	if sig.Key, err = s.key.text(env); err != nil || sig.Key == "" {
		return sig, errors.Join(errShape, err, errors.New("there is no key"))
	}
	if sig.Firing, err = s.firing.truth(env); err != nil {
		return sig, errors.Join(errShape, err)
	}
	if err := s.common(&sig, env); err != nil {
		return sig, err
	}
	sig.Alerts = []Alert{{Print: "-", Firing: sig.Firing}}
	return sig, nil
}

// common fills in what both kinds may say by expression.
func (s *Source) common(sig *Signal, env map[string]any) error {
	var errs []error
	if s.service != nil {
		v, err := s.service.text(env)
		sig.Service, errs = v, append(errs, err)
	}
	if s.title != nil {
		v, err := s.title.text(env)
		sig.Title, errs = v, append(errs, err)
	}
	if s.severity != nil {
		v, err := s.severity.number(env)
		sig.Severity, errs = v, append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return errors.Join(errShape, err)
	}
	sig.Severity = min(max(cmp.Or(sig.Severity, 2), 1), 4)
	sig.Title, sig.Service, sig.Key = chat.Plain(sig.Title, 200), chat.Plain(sig.Service, 60), chat.Cut(sig.Key, 2000)
	return nil
}
