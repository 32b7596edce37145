package irc

import (
	"strconv"
	"strings"
)

// isupport is what the server said about itself in 005, as far as it matters
// here. Numbers are bounded: the server may be lying.
type isupport struct {
	fold      func(string) string
	chanTypes string
	statusMsg string
	botMode   string
	whox      bool
	monitor   bool
	prefixes  string // the signs before nicks in NAMES and WHO
	nickLen   int    // 0: not told
	topicLen  int
	userLen   int
	hostLen   int
	joinMax   int
	history   int
	denyTags  string
}

func newISupport() isupport {
	return isupport{fold: foldRFC1459, chanTypes: "#&", prefixes: "@+", topicLen: 307, userLen: 20, hostLen: 64, joinMax: 4, history: 100}
}

// set takes the tokens of one 005.
func (i *isupport) set(tokens []string) {
	for _, t := range tokens {
		k, v, _ := strings.Cut(t, "=")
		switch k {
		case "CASEMAPPING":
			i.fold = folder(v)
		case "CHANTYPES":
			i.chanTypes = v
		case "STATUSMSG":
			i.statusMsg = v
		case "BOT":
			if len(v) == 1 && v[0] > ' ' && v[0] < 0x7f {
				i.botMode = v
			}
		case "WHOX":
			i.whox = true
		case "MONITOR":
			i.monitor = true
		case "PREFIX":
			if _, signs, ok := strings.Cut(v, ")"); ok {
				i.prefixes = signs
			}
		case "CLIENTTAGDENY":
			i.denyTags = v
		default:
			i.setNumber(k, v)
		}
	}
}

// setNumber takes the tokens that are numbers, or hold some.
func (i *isupport) setNumber(k, v string) {
	switch k {
	case "TOPICLEN":
		i.topicLen = bounded(v, i.topicLen, 1, 2000)
	case "NICKLEN":
		i.nickLen = bounded(v, i.nickLen, 1, 64)
	case "USERLEN":
		i.userLen = bounded(v, i.userLen, 1, 64)
	case "HOSTLEN":
		i.hostLen = bounded(v, i.hostLen, 1, 128)
	case "CHATHISTORY":
		i.history = bounded(v, i.history, 1, 500)
	case "TARGMAX":
		for _, p := range strings.Split(v, ",") {
			if n, ok := strings.CutPrefix(p, "JOIN:"); ok {
				i.joinMax = 10 // "JOIN:" alone sets no limit, and the line's length does
				if n != "" {
					i.joinMax = bounded(n, 4, 1, 10)
				}
			}
		}
	}
}

// bounded reads a number; what cannot be read or would be absurd leaves or
// bounds the value that was there.
func bounded(v string, old, low, high int) int {
	n, err := strconv.Atoi(v)
	if err != nil {
		return old
	}
	return min(max(n, low), high)
}

// channel tells whether target is a channel, with or without a STATUSMSG prefix.
func (i *isupport) channel(target string) bool {
	t := strings.TrimLeft(target, i.statusMsg)
	return t != "" && strings.Contains(i.chanTypes, t[:1])
}

// tagAllowed tells whether the server relays the client-only tag name (without
// its plus sign).
func (i *isupport) tagAllowed(name string) bool {
	allowed := true
	for _, d := range strings.Split(i.denyTags, ",") {
		switch d {
		case "*", name:
			allowed = false
		case "-" + name:
			return true
		}
	}
	return allowed
}

// folder is the lower-casing that CASEMAPPING names. Unknown ones are Unicode's.
func folder(name string) func(string) string {
	switch strings.ToLower(name) {
	case "rfc1459":
		return foldRFC1459
	case "rfc1459-strict", "strict-rfc1459":
		return func(s string) string { return foldBytes(s, ']') }
	case "ascii":
		return foldASCII
	}
	return strings.ToLower
}

func foldASCII(s string) string   { return foldBytes(s, 'Z') }
func foldRFC1459(s string) string { return foldBytes(s, '^') }

// foldBytes lowers the bytes from A to last, which is Z, or one of the
// punctuation signs that old servers take for letters.
func foldBytes(s string, last byte) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= last {
			b[i] = c + 32
		}
	}
	return string(b)
}
