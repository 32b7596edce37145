package probe

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxURL bounds a URL in bytes; longer ones are nobody's home page.
const maxURL = 2000

// host is a name or an address in canonical form: lower case, ASCII, no final dot.
type host struct {
	name string     // as it is looked up and sent in Host and SNI
	addr netip.Addr // valid when the text was an address
}

// localNames are names that never lead to a public machine. The resolver might
// know some of them (".internal"), so they are refused before it is asked.
func localNames() []string {
	return []string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain", "private", "arpa", "onion", "alt"}
}

// parseHost reads a host out of hostile text. It accepts a DNS name of two labels
// or more, a dotted quad without leading zeros, or an IPv6 address (in brackets or
// bare); every other spelling of an address is refused whatever it stands for.
// Errors wrap errBlocked.
func parseHost(text string) (host, error) {
	if len(text) == 0 || len(text) > 255+2 {
		return host{}, fmt.Errorf("%w: a host has 1 to 255 bytes", errBlocked)
	}
	if strings.ContainsAny(text, ":[]") {
		return parseIPv6(text)
	}
	name, err := asciiName(text)
	if err != nil {
		return host{}, err
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if looksNumeric(last) {
		a, err := netip.ParseAddr(name)
		if err != nil || !a.Is4() {
			return host{}, fmt.Errorf("%w: an odd spelling of an address", errBlocked)
		}
		return host{name: a.String(), addr: a}, nil
	}
	if !strings.Contains(name, ".") {
		return host{}, fmt.Errorf("%w: a name without a dot is local", errBlocked)
	}
	for _, l := range localNames() {
		if last == l {
			return host{}, fmt.Errorf("%w: names under .%s are local", errBlocked, l)
		}
	}
	return host{name: name}, nil
}

func parseIPv6(text string) (host, error) {
	inner := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		inner = text[1 : len(text)-1]
	}
	a, err := netip.ParseAddr(inner)
	if err != nil || !a.Is6() || a.Zone() != "" || a.Is4In6() {
		return host{}, fmt.Errorf("%w: not a plain IPv6 address", errBlocked)
	}
	return host{name: a.String(), addr: a}, nil
}

// asciiName folds a name to ASCII and checks each label: letters, digits, hyphens
// and underscores only. Folding comes first, because IDNA maps full-width digits
// and ideographic dots to ordinary ones.
func asciiName(text string) (string, error) {
	name := text
	if !isASCII(text) || strings.Contains(strings.ToLower(text), "xn--") {
		folded, err := idna.Lookup.ToASCII(strings.TrimSuffix(text, "."))
		// Folding what is folded must change nothing, or the name is not what it seems.
		if again, err2 := idna.Lookup.ToASCII(folded); err != nil || err2 != nil || again != folded {
			return "", fmt.Errorf("%w: not an international name", errBlocked)
		}
		name = folded
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || len(name) > 253 {
		return "", fmt.Errorf("%w: a name has 1 to 253 bytes", errBlocked)
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", fmt.Errorf("%w: a label is empty, too long or badly hyphenated", errBlocked)
		}
		for i := range len(label) {
			if !isNameByte(label[i]) {
				return "", fmt.Errorf("%w: a character that no name holds", errBlocked)
			}
		}
	}
	return name, nil
}

// isNameByte accepts the bytes of a host name, and the underscore of _dmarc.
func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// looksNumeric says that C libraries and browsers would read a host ending in
// this label as an IPv4 address: digits, or 0x and hex digits.
func looksNumeric(label string) bool {
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// parseDomain reads a domain name: like parseHost, but an address is no domain.
func parseDomain(text string) (string, error) {
	h, err := parseHost(text)
	if err != nil {
		return "", err
	}
	if h.addr.IsValid() {
		return "", fmt.Errorf("%w: an address where a name is needed", errBlocked)
	}
	return h.name, nil
}

// registrable returns the part of a name that somebody registered ("asso.fr" for
// "www.asso.fr"); for a public suffix or an address, the name itself.
func registrable(name string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return d
	}
	return name
}

// registered returns the part of a name that a registry knows. It differs from
// registrable where a company gives names away below its own ("asso.github.io").
func registered(name string) string {
	suffix, icann := publicsuffix.PublicSuffix(name)
	for !icann && strings.Contains(suffix, ".") {
		_, above, _ := strings.Cut(suffix, ".")
		suffix, icann = publicsuffix.PublicSuffix(above)
	}
	rest, ok := strings.CutSuffix(name, "."+suffix)
	if !ok {
		return name
	}
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + suffix
}

// webURL is an http or https URL that the guard's first gate let through.
type webURL struct {
	url  *url.URL // host is canonical, no user info, no fragment
	host host
	port uint16 // 80 or 443
}

// parseURL reads a URL out of hostile text. Errors wrap errBlocked.
func parseURL(text string) (webURL, error) {
	if len(text) == 0 || len(text) > maxURL {
		return webURL{}, fmt.Errorf("%w: a URL has 1 to %d bytes", errBlocked, maxURL)
	}
	if strings.ContainsAny(text, "\\ ") {
		return webURL{}, fmt.Errorf("%w: a backslash or a space in a URL", errBlocked)
	}
	u, err := url.Parse(text)
	if err != nil {
		// url.Parse quotes the text in its error: not repeated.
		return webURL{}, fmt.Errorf("%w: not a URL", errBlocked)
	}
	return checkURL(u)
}

// checkURL applies the rules of parseURL to an already parsed URL, as a redirect
// gives one.
func checkURL(in *url.URL) (webURL, error) {
	u := *in
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || u.User != nil {
		return webURL{}, fmt.Errorf("%w: only http and https, without user name", errBlocked)
	}
	raw := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		raw = "[" + raw + "]"
	}
	h, err := parseHost(raw)
	if err != nil {
		return webURL{}, err
	}
	port := uint16(80)
	if u.Scheme == "https" {
		port = 443
	}
	if t := u.Port(); t != "" {
		if port, err = parsePort(t); err != nil || port != 80 && port != 443 {
			return webURL{}, fmt.Errorf("%w: only the ports 80 and 443", errBlocked)
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return webURL{}, fmt.Errorf("%w: an empty port", errBlocked)
	}
	u.Host = authority(h, port, u.Scheme)
	u.Fragment, u.RawFragment = "", ""
	return webURL{url: &u, host: h, port: port}, nil
}

// authority writes host and port as a URL does, the port only if unusual.
func authority(h host, port uint16, scheme string) string {
	name := h.name
	if h.addr.Is6() {
		name = "[" + name + "]"
	}
	if scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		return name
	}
	return name + ":" + strconv.Itoa(int(port))
}

// parsePort reads a port number, digits only.
func parsePort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 || strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("%w: not a port", errBlocked)
	}
	return uint16(n), nil
}
