package matrix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix"

	"vigie/bot/chat"
)

func httpError(code int, errcode string, extra map[string]any, header ...string) error {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	e := mautrix.HTTPError{Response: &http.Response{StatusCode: code, Header: h}}
	if errcode != "" {
		e.RespError = &mautrix.RespError{ErrCode: errcode, ExtraData: extra}
	}
	return fmt.Errorf("wrapped: %w", e)
}

func TestJudge(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for _, tc := range []struct {
		err   error
		want  meaning
		after time.Duration
	}{
		{httpError(401, "M_UNKNOWN_TOKEN", nil), badToken, 0},
		{httpError(401, "M_MISSING_TOKEN", nil), badToken, 0},
		{httpError(403, "M_FORBIDDEN", nil), denied, 0},
		{httpError(404, "M_NOT_FOUND", nil), denied, 0},
		{httpError(400, "M_UNKNOWN", nil), denied, 0},
		{httpError(404, "", nil), uncertain, 0},
		{httpError(408, "M_UNKNOWN", nil), uncertain, 0},
		{httpError(500, "M_UNKNOWN", nil), uncertain, 0},
		{httpError(502, "", nil), uncertain, 0},
		{httpError(429, "", nil), slower, 2 * time.Second},
		{httpError(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 1500.0}), slower, 1500 * time.Millisecond},
		{httpError(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 1500.0}, "Retry-After", "3"), slower, 3 * time.Second},
		{httpError(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": "soon"}, "Retry-After", "later"), slower, 2 * time.Second},
		{httpError(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": -5.0}), slower, 2 * time.Second},
		{httpError(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 1e300}), slower, 2 * time.Second},
		{mautrix.HTTPError{WrappedError: dial}, unreachable, 0},
		{mautrix.HTTPError{WrappedError: &net.OpError{Op: "read", Err: errors.New("reset")}}, uncertain, 0},
		{context.DeadlineExceeded, uncertain, 0},
	} {
		if got, after := judge(tc.err); got != tc.want || after != tc.after {
			t.Errorf("%v: got %v after %v", tc.err, got, after)
		}
	}
	if notFound(httpError(404, "", nil)) || notFound(httpError(404, "M_UNRECOGNIZED", nil)) || notFound(nil) || !notFound(httpError(404, "M_NOT_FOUND", nil)) {
		t.Error("notFound must be the homeserver's own word")
	}
}

func TestUnsent(t *testing.T) {
	for _, tc := range []struct{ err, want error }{
		{fmt.Errorf("x: %w", chat.ErrAway), chat.ErrAway},
		{httpError(403, "M_FORBIDDEN", nil), chat.ErrRefused},
		{httpError(500, "", nil), chat.ErrDown},
		{httpError(401, "M_UNKNOWN_TOKEN", nil), chat.ErrDown},
		{httpError(429, "M_LIMIT_EXCEEDED", nil, "Retry-After", "9"), limited{9 * time.Second}},
		{context.Canceled, chat.ErrDown},
	} {
		if got := unsent(tc.err); !errors.Is(got, tc.want) {
			t.Errorf("%v: got %v", tc.err, got)
		}
	}
	if unsent(nil) != nil {
		t.Error("nothing failed")
	}
}

// Reconnecting never stops, and is never more often than every half second nor
// rarer than every minute and a half.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		began := time.Now()
		for i := range 20 {
			d := b.next()
			if low, high := 500*time.Millisecond, 91*time.Second; d < low || d > high || i > 10 && d < 29*time.Second {
				t.Errorf("wait %d is %v", i, d)
			}
			if err := sleep(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		if total := time.Since(began); total < 5*time.Minute {
			t.Errorf("20 tries in %v", total)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
