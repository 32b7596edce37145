package matrix

import (
	"encoding/json"
	"log/slog"

	"github.com/rs/zerolog"
)

// quietLog passes the library's warnings on to log with nothing but their fixed
// message, the room and the event: its other fields hold request bodies, which
// are people's texts.
func quietLog(log *slog.Logger) zerolog.Logger {
	return zerolog.New(slogWriter{log}).Level(zerolog.WarnLevel)
}

type slogWriter struct{ log *slog.Logger }

func (w slogWriter) Write(line []byte) (int, error) {
	var f struct {
		Message string `json:"message"`
		Room    string `json:"room_id"`
		Event   string `json:"event_id"`
	}
	if json.Unmarshal(line, &f) == nil && f.Message != "" {
		w.log.Debug("matrix library", "message", f.Message, "room", f.Room, "event", f.Event)
	}
	return len(line), nil
}
