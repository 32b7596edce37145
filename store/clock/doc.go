// Package clock says what a ticket's people were promised, and until when: when
// the next word is due, and who is reminded in which order when it does not come.
//
// All of it is a pure function of the ticket's events and a Policy. The rules:
//
//   - ClockAnswer starts at the oldest member message that no adminsys has
//     answered; later messages do not start it again. ClockLoop starts at each
//     word of staff, ClockResolve at the opening.
//   - Only an adminsys's word to the member stops the first two: not the bot, not
//     another member, not a note, and not taking the ticket.
//   - They count open time of the Policy's calendar. While the ticket waits for
//     somebody, or is solved, they stand still, and go on with what was left.
//   - A deadline that passed while its clock ran is missed: it does not move any
//     more, until what it waited for has come.
//   - What the bot solved by itself (its incident ended) and the member opens
//     again goes on where it stood: nobody has answered yet.
//   - A ticket that absorbs another has the earlier of both on each clock.
package clock
