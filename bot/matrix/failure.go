package matrix

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"maunium.net/go/mautrix"

	"vigie/bot/chat"
)

// fatal is an error that Run ends with: going on makes no sense until a person
// has done what it says.
type fatal struct{ err error }

func (f fatal) Error() string { return f.err.Error() }
func (f fatal) Unwrap() error { return f.err }

func fatalf(format string, args ...any) error { return fatal{fmt.Errorf(format, args...)} }

// limited says that the server asks to wait before the same request is made again.
type limited struct{ after time.Duration }

func (l limited) Error() string {
	return fmt.Sprintf("the homeserver asks to wait %v", l.after.Round(time.Millisecond))
}

// meaning is what a failed request tells about the request itself.
type meaning uint8

const (
	uncertain   meaning = iota // it may have been carried out: time-outs, 5xx, cut connections
	unreachable                // it never left
	slower                     // 429
	denied                     // understood and refused, for good
	badToken                   // our token is no longer good
)

// judge tells what err means, and for slower how long to wait.
func judge(err error) (meaning, time.Duration) {
	if errors.Is(err, chat.ErrDown) {
		return unreachable, 0 // said by our own code: nothing was asked for
	}
	if errors.Is(err, mautrix.ErrOAuthInvalidGrant) || errors.Is(err, mautrix.ErrOAuthInvalidClient) || errors.Is(err, mautrix.ErrOAuthUnauthorizedClient) {
		return badToken, 0 // a token that cannot be renewed refuses nothing that it was to carry
	}
	var he mautrix.HTTPError
	if !errors.As(err, &he) || he.Response == nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return unreachable, 0
		}
		return uncertain, 0
	}
	switch code := he.Response.StatusCode; {
	case errors.Is(err, mautrix.MUnknownToken), errors.Is(err, mautrix.MMissingToken):
		return badToken, 0
	case code == http.StatusTooManyRequests, errors.Is(err, mautrix.MLimitExceeded):
		return slower, retryAfter(he)
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && he.RespError != nil:
		return denied, 0 // without a Matrix error code it is some proxy's page, and proves nothing
	}
	return uncertain, 0
}

// retryAfter obeys both the header and the older body field, whichever is longer;
// 2 s when the server gives neither.
func retryAfter(he mautrix.HTTPError) time.Duration {
	var d time.Duration
	if h := he.Response.Header.Get("Retry-After"); h != "" {
		if n, err := strconv.Atoi(h); err == nil {
			d = time.Duration(n) * time.Second
		} else if at, err := http.ParseTime(h); err == nil {
			d = time.Until(at)
		}
	}
	if he.RespError != nil {
		if ms, ok := he.RespError.ExtraData["retry_after_ms"].(float64); ok && ms < 1e12 {
			d = max(d, time.Duration(ms)*time.Millisecond)
		}
	}
	if d <= 0 {
		return 2 * time.Second
	}
	return d
}

// notFound says that the homeserver itself is sure that there is no such thing:
// the 404 page of a proxy in front of it is not enough.
func notFound(err error) bool { return errors.Is(err, mautrix.MNotFound) }

// brief is err without the body of a page that some proxy sent instead of an answer.
func brief(err error) string {
	s := err.Error()
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}

// sleep waits for d, or for ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// jitter spreads d over half to one and a half of itself, so that many clients
// of one server that comes back do not knock together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d+1)
}
