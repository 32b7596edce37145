// Package bottest plays transcripts: conversations with the bot, written down
// line by line, that say what people write, what the bot has to say, and how
// much time passes. It is to package bot what net/http/httptest is to net/http:
// a network, a clock and a world that are not real, around turns that are.
//
// A transcript is a text file:
//
//	# A line that starts with # is a comment.
//	@ 2026-11-23T10:00:00+01:00
//	who membre irc account=claire
//	who jean matrix account=@jean:example.org
//	= tls example.org expired days=3
//
//	> irc/#support membre: vigie: mon site a un souci de certificat
//	< irc/#support membre: quelle adresse ?
//
//	> irc/#support membre: example.org
//	<~ irc/#support membre: a expiré
//	< matrix/!staff [id $root]: **ticket 1** : certificat
//
//	> matrix/!staff [thread $root] jean: je regarde
//	< irc/@membre: jean : je regarde
//
//	+ 15m
//	!
//
// # What happens
//
//	> ROOM NAME: text          somebody writes; "| more" adds a line to the text
//	> ROOM NAME reacts ✋ $3    … puts a reaction on a message
//	> ROOM NAME edits $3: text … changes one; "redacts $3" takes it back
//	> ROOM NAME joins          … comes in; "lives" is a sign of life without words
//	+ 15m                      time passes (w d h m s), and deadlines come in order
//	@ 2026-11-23T18:00:00+01:00  time passes until then; first of all lines: it starts then
//	!                          the process dies, and starts again on the same store (as
//	                           the first of all, it shows what is said at the start)
//	down irc, up irc           a network's connection
//	lose irc, mend irc         from now on, the network does not say if it has a reply
//	away irc/membre            the person is not there, until the next thing they do
//	hold, release              checks wait; what waited is answered (a "!" begins it again)
//	alert SOURCE {json}        somebody's monitoring calls; "fetched SOURCE {json}" likewise
//
// A ROOM is network/id ("irc/#support", "matrix/!staff"), or network/@name for
// the private conversation with somebody, where the NAME need not be said again.
// Between room and name may stand marks in brackets: [thread $3] (in the thread
// that this message starts), [reply $3], [mention] (the network says that the
// bot is addressed), [encrypted], [history] (read back after an absence),
// [late 10m] (it took so long to arrive), [sealed] (it cannot be decrypted), [noid],
// [file photo.png 120000] (with its size), and [id $name] to give the
// message an id: saying the same id twice is a replay.
//
// # What is set up
//
//	who NAME NETWORK [account=X] [nick=Y]   somebody, and what vouches for them
//	= KIND TARGET VERDICT [field=value …]   what a check finds, until said anew
//
// Whoever is not declared is nobody's account on irc and @name:example.org on a
// network whose name starts with "matrix".
//
// # What has to be said
//
//	< ROOM NAME: text          the bot says this next, to that person
//	< ROOM: text               … to nobody by name; "| more" adds a line
//	<~ ROOM NAME: text         … something that holds this text
//	< ROOM topic: text         … as the room's topic
//	< ROOM amends $3: text     and: reacts ✋ $3, redacts $3, pins $3, unpins $3
//	<...                       anything at all may be said here
//
// After each thing that happens the bot says what stands below it, in that
// order, and nothing else. Marks are compared where they are written:
// [thread $3], [reply $3], [loud], [everyone], [secret], [file NAME] (it brings this file);
// [id $name] names the message.
// Messages without a name of their own are $1, $2 … in the order in which they
// appear, people's and the bot's counted together.
package bottest
