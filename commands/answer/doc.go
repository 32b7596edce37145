// Package answer says what a sentence asks for, what to do about it, and which
// entries of the FAQ fit it. It works in-process, offline, in French and
// English; it knows no room, no person and no store.
package answer
