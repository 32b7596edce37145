// Package probe carries out the network checks of the runbooks: rdap, dns,
// http, tls, tcp, ping, mx, smtp, imap, spf, dkim, dmarc, ptr and dnsbl. It
// turns a runbooks.Request into a runbooks.Report, out of the verdicts and fields
// that runbooks.Kinds lists, and never into a sentence.
//
// # What a check may touch
//
// The text of every target comes from a stranger, so three gates stand before a
// packet leaves:
//
//  1. the text: parseHost and parseURL accept one spelling of an address and
//     refuse all others (decimal, octal, hex, user info, odd ports, local names);
//  2. the address: a name is resolved once per attempt, through our own resolver,
//     and each of its addresses must pass guard.vet, which alone makes a vetted;
//  3. the socket: dial takes a vetted and nothing else, and a control function
//     compares the address once more just before connect. No http.Transport and no
//     proxy is involved, and a redirect goes through all three gates again.
//
// Nothing switches these gates off. Config.Lab replaces the last step only: see Lab.
//
// # What a report may be trusted for
//
// A negative verdict is seen twice, some seconds apart, before it is called
// Confirmed. When the canaries of the configuration fail too, our own network is
// down, and the verdict is runbooks.Unknown: nobody is blamed. IPv4 and IPv6 are
// tested apart, one address at a time. Every read is bounded in time and bytes.
//
// A Prober is safe for concurrent use; equal checks share one run and its result.
package probe
