package probe

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"

	"vigie/runbooks"
)

// minKey is the shortest RSA key in bits that receivers accept (RFC 8301).
const minKey = 1024

// checkDKIM reads the public key under a selector; without one, the selector "alternc".
func checkDKIM(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	selector := strings.TrimSpace(args["selector"])
	if selector == "" {
		selector = "alternc"
	}
	domain, err := parseDomain(strings.TrimSpace(args["domain"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	name, err := parseDomain(selector + "._domainkey." + domain)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	found, err := a.texts(ctx, name, "")
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	var keys []string
	for _, t := range found {
		// A key needs no version; a wildcard's other texts hold no p=.
		if parts, ok := tags(t); ok {
			if _, has := parts["p"]; has {
				keys = append(keys, t)
			}
		}
	}
	if len(keys) == 0 && len(found) > 0 {
		return verdict("bad_key", map[string]any{"bits": int64(0)}, "a record without a key")
	}
	if len(keys) == 0 {
		return verdict("missing", map[string]any{"bits": int64(0)}, "")
	}
	bits, err := keyBits(keys[0])
	fields := map[string]any{"bits": int64(bits)}
	switch {
	case err != nil:
		return verdict("bad_key", fields, err.Error())
	case len(keys) > 1:
		return verdict("bad_key", fields, "several keys under one selector")
	case bits < minKey && bits != ed25519.PublicKeySize*8:
		return verdict("short_key", fields, "")
	}
	return verdict(runbooks.OK, fields, "")
}

// keyBits parses a DKIM key record.
func keyBits(record string) (int, error) {
	parts, ok := tags(record)
	if v := parts["v"]; !ok || v != "" && v != "DKIM1" {
		return 0, errors.New("not a DKIM record")
	}
	text := strings.Join(strings.Fields(parts["p"]), "")
	if text == "" {
		return 0, errors.New("the key is revoked")
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return 0, errors.New("the key is not base64")
	}
	switch strings.ToLower(parts["k"]) {
	case "ed25519":
		if len(der) != ed25519.PublicKeySize {
			return 0, errors.New("not an Ed25519 key")
		}
		return len(der) * 8, nil
	case "", "rsa":
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			if k, ok := key.(*rsa.PublicKey); ok {
				return k.N.BitLen(), nil
			}
			return 0, errors.New("not an RSA key")
		}
		if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return k.N.BitLen(), nil
		}
	}
	return 0, errors.New("the key cannot be read")
}
