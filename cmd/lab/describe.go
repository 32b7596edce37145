package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/world"
)

// describe writes all that a script needs to use the lab to lab.json in its folder, passwords included, and returns its
// path.
func describe(l *servers.Lab, w world.Config) (string, error) {
	type account struct {
		Password string `json:"password"`
		Cert     string `json:"cert"`
		Key      string `json:"key"`
	}
	irc := map[string]account{}
	for name, a := range l.IRC.Accounts {
		irc[name] = account{a.Password, a.CertFile, a.KeyFile}
	}
	type user struct {
		ID       string `json:"id"`
		Password string `json:"password"`
	}
	matrix := map[string]user{}
	for name, u := range l.Matrix.Users {
		matrix[name] = user{u.ID, u.Password}
	}
	data, err := json.MarshalIndent(map[string]any{
		"ca": l.CA.File,
		"irc": map[string]any{"address": l.IRC.Addr, "tls_address": l.IRC.TLSAddr, "server_name": servers.ErgoName,
			"channels": l.IRC.Channels, "accounts": irc, "oper_password": l.IRC.OperPassword, "log": l.IRC.LogFile},
		"matrix": map[string]any{"url": l.Matrix.URL, "users": matrix, "rooms": l.Matrix.Rooms, "log": l.Matrix.LogFile},
		"checks": map[string]any{"lab": map[string]any{"resolver": w.Resolver, "ca": w.CA, "connect_to": w.ConnectTo},
			"rdap": map[string]any{"bootstrap": w.RDAP}, "canaries": []string{w.Canary}},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("describe the lab: %w", err)
	}
	file := filepath.Join(l.Dir, "lab.json")
	if err := os.WriteFile(file, append(data, '\n'), 0o600); err != nil {
		return "", fmt.Errorf("describe the lab: %w", err)
	}
	return file, nil
}

// welcome says how to join.
func welcome(out io.Writer, l *servers.Lab, w world.Config, file string) error {
	var b strings.Builder
	host, port, _ := strings.Cut(l.IRC.Addr, ":")
	_, tlsPort, _ := strings.Cut(l.IRC.TLSAddr, ":")
	claire := l.IRC.Accounts["claire"]
	fmt.Fprintf(&b, "The lab is up, on this machine only. Its folder is %s\n\n", l.Dir)
	fmt.Fprintf(&b, "IRC     %s, TLS %s (server name %s, root certificate %s)\n", l.IRC.Addr, l.IRC.TLSAddr, servers.ErgoName, l.CA.File)
	fmt.Fprintf(&b, "        channels %s\n", strings.Join(l.IRC.Channels, " "))
	fmt.Fprintf(&b, "        join with: irssi -c %s -p %s -n passant\n", host, port)
	fmt.Fprintf(&b, "        as the member claire, in irssi:\n          /network add -sasl_username claire -sasl_password %s -sasl_mechanism PLAIN lab\n", claire.Password)
	fmt.Fprintf(&b, "          /server add -network lab -tls -tls_cafile %s %s %s\n          /connect lab\n", l.CA.File, host, tlsPort)
	fmt.Fprintf(&b, "Matrix  %s, with Element Desktop or any client (homeserver: that address)\n", l.Matrix.URL)
	for _, name := range slices.Sorted(maps.Keys(l.Matrix.Rooms)) {
		r := l.Matrix.Rooms[name]
		kind := "in clear"
		if r.Encrypted {
			kind = "end-to-end encrypted"
		}
		fmt.Fprintf(&b, "        room %s (%s), %s\n", r.Alias, r.ID, kind)
	}
	fmt.Fprintf(&b, "\n%-8s %-26s %s\n", "person", "IRC password", "Matrix password")
	for _, name := range slices.Sorted(maps.Keys(l.IRC.Accounts)) {
		fmt.Fprintf(&b, "%-8s %-26s %s\n", name, l.IRC.Accounts[name].Password, l.Matrix.Users[name].Password)
	}
	fmt.Fprintf(&b, "\nWorld   name server %s; sites https://site.test/ and https://autre.test/, reached through connect_to\n", w.Resolver)
	fmt.Fprintf(&b, "\nEverything a program needs is in %s\nCtrl-C stops it all.\n", file)
	_, err := io.WriteString(out, b.String())
	return err
}
