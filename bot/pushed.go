package bot

// Pushed: the static copy of the info site was handed on to where it is published
// (package bot/web), or could not be.
type Pushed struct {
	// Err is why it could not, in words for a sysadmin; empty when it was.
	Err string
}

func (Pushed) event() {}
