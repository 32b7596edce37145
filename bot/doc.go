// Package bot turns what happens on the networks into what is said there.
//
// One event in, one Turn, one transaction, effects as rows: a line of chat, a
// deadline, a probe's end is an Event; a Machine takes events one by one, and
// for each a Handler reads the store, decides, and writes state and replies
// together; after the commit, pumps deliver the replies and the networks' proofs
// come back as events. Nothing is sent from inside a handler, and nothing is
// decided outside a turn: crash safety, order and tests all come from this.
//
// Machine is that idea without clock, network or goroutine. Bot runs a Machine in
// earnest: one loop goroutine, per network a Transport and a pump, a bounded
// number of probes.
package bot
