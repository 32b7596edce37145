// Package calendar knows when an association's volunteers are there: opening
// hours by weekday in one time zone, French public holidays, and days of its own
// on which it is closed. It reckons how much open time lies between two instants
// and when so much of it has passed, to the second, over clock changes.
//
// It is pure: no clock is read, nothing is stored. A Calendar is immutable and
// safe for concurrent use.
package calendar
