package commands

import (
	"time"

	"vigie/bot/chat"
)

// activity remembers when people last spoke in rooms: whether a room sleeps or is
// in the middle of a talk. It is in memory only: a line that the bot ignores
// costs no write, and a restart knows of no talk.
type activity map[chat.Room][]time.Time

// keepWords is how many instants are kept a room.
const keepWords = 64

func (a activity) note(room chat.Room, at time.Time) {
	if room.Private {
		return
	}
	list := append(a[room], at)
	if len(list) > keepWords {
		list = list[len(list)-keepWords:]
	}
	a[room] = list
}

// of is when somebody last spoke in the room, and how many lines there were within a while.
func (a activity) of(room chat.Room, now time.Time, within time.Duration) (last time.Time, lines int) {
	for _, at := range a[room] {
		if now.Sub(at) <= within {
			lines++
		}
		last = at
	}
	return last, lines
}
