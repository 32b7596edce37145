// Package console is a terminal in the place of a network: one person at a
// keyboard talks with the bot as several people, in several rooms, with a clock
// that only moves when told to.
//
// What is typed is said by the current person in the current room. Lines that
// start with a slash are for the console itself:
//
//	/who NAME [account]       speak as somebody else; a dash takes the account away
//	/room network/#name       speak elsewhere; "/room @" is in private
//	/thread 3                 speak in the thread under message #3; alone: leave it
//	/react ✋ 3               put a reaction on message #3
//	/time +15m                let time pass, deadlines and all; alone: what time is it
//	/restart                  the bot dies and starts again on the same store
//	/help, /quit
//
// Each has a French name too. Two slashes say a text that starts with one.
//
// The console sees neither bot nor store: a Driver stands behind it, which takes
// every reply as proven at once.
package console
