package commands

import (
	"vigie/bot"
	"vigie/store/clock"
)

// onDue says who handles which deadline.
func (t *Table) onDue() {
	t.dues[dueTicketClose] = t.ticketDue
	t.dues[dueTicketWake] = t.ticketWakes
	t.dues[dueDialog] = t.dialogDue
	t.dues[dueNag] = t.nagDue
	t.dues[dueLink] = t.linkDue
	t.dues[dueSecond] = t.secondDue
	t.dues[dueAlerts] = t.alertsDue
	t.dues[dueMorning] = t.morningDue
	t.dues[dueWorks] = t.worksDue
	t.dues[dueTaught] = t.taughtDue
	t.dues[dueWeek] = t.weekDue
	t.dues[dueSchedule] = t.scheduleDue
	t.dues[dueHoliday] = t.holidayDue
	t.dues[dueMeetingEnd] = t.meetingEndDue
	t.dues[dueContacts] = t.contactsDue
	t.dues[dueLinkCode] = t.linkCodeDue
	t.dues[dueNightly] = t.nightlyDue
	t.dues[dueRetention] = t.retentionDue
	t.dues[dueErase] = t.eraseDue
	t.dues[dueCompact] = t.compactDue
	t.dues[clock.Due] = t.clockDue
	t.dues[dueDuty] = t.dutyDue
}

// settleIn does what a new configuration asks for, at start and after each reload.
func (t *Table) settleIn(turn *bot.Turn) {
	turn.Tx.EnsureTicketIndex()
	turn.Tx.EnsureFacts(t.cfg.Location())
	t.renewClocks(turn)
	t.seedCampaigns(turn)
	t.planLearning(turn)
	t.planContacts(turn)
	t.planNightly(turn)
	t.plan(turn)
}

// settled tells nouns what became of what they said.
func (t *Table) settled(turn *bot.Turn, e bot.Settled) error {
	t.settledProposal(turn, e)
	t.settledGiven(turn, e)
	t.settledRating(turn, e)
	t.settledQuestion(turn, e)
	t.undelivered(turn, e)
	return t.settledTicket(turn, e)
}
