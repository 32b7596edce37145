package commands

// unreadable says, once in a while (the network spares us), that somebody's words
// could not be decrypted. If their key comes, they are answered as any other,
// by their age.
func (t *Table) unreadable(c *Call) error {
	if t.tooLate(c) && !c.Private() {
		return nil
	}
	c.SayID("matrix.unreadable", nil)
	return nil
}
