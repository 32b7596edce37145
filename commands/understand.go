package commands

// Understanding is what package answer knows of sentences. The running bot has
// Mind; tests may bring their own.
type Understanding interface {
	// Lang is the language of a text, "fr" or "en", empty when it does not tell.
	Lang(text string) string
	// Decide says what to do about a sentence: begin something, offer two or
	// three things, or stay silent. public says that others read, addressed
	// that it was put to the bot.
	Decide(text string, addressed, public bool) Decision
	// FAQ finds entries for words, the best first.
	FAQ(lang, text string, most int) []Entry
	// Theme finds the entries of one of the recognised ids, the best for text first.
	Theme(lang, id, text string, most int) []Entry
	// With is this understanding with answers that were taught, which the same
	// search finds. Both go on being usable.
	With(taught []Entry) Understanding
}

// Decision is what to do about a sentence.
type Decision struct {
	Kind DecisionKind
	// IDs are what the person may want, the likeliest first.
	IDs []string
	// Courtesy is hello, thanks, bye or insult when Kind is Polite.
	Courtesy string
	// Asks: the sentence may be meant for a bot that nobody named: it asks or
	// complains, and calls nobody.
	Asks bool
}

// DecisionKind says how sure a Decision is.
type DecisionKind uint8

// The kinds of Decision.
const (
	Silent DecisionKind = iota
	Sure
	Unsure
	Polite
)

// Entry is one answer of the FAQ, in one language. Keywords are other words that it
// is found by.
type Entry struct {
	ID, Lang, Title, Theme, Text string
	Keywords                     []string
}
