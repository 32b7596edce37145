// Package store is what Vigie remembers: records with their rules, in one
// key-value store.
//
// An Engine keeps bytes (bolt.go on disk, mem.go in memory) and passes the suite
// in storetest. A Group is what one commit holds: the writes of one or several
// turns over one snapshot. A Tx is the buffer of one turn: a failing turn drops
// its Tx and has written nothing, while the others of its group go on.
//
// One file per record holds the record, its rules as methods, and how a Tx finds
// and keeps it. Records are JSON. Nobody is named in them but by an opaque
// person id; what it stands for lives in the person bucket alone, so that
// erasing somebody is one deletion and not a search.
//
// The store knows no network: rooms, messages and replies are package chat's
// plain data.
package store
