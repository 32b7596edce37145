package store

import "time"

// Contact is what became of asking an association's contact whether its entry in
// the register still holds. The entry itself is the register's, which is a file.
type Contact struct {
	// Key is the association's name, folded.
	Key string `json:"key"`
	// Asked is when the question was last put, and To whom, a person's id.
	Asked time.Time `json:"asked,omitzero"`
	To    string    `json:"to,omitempty"`
	// Confirmed is when By last said that all is right.
	Confirmed time.Time `json:"confirmed,omitzero"`
	By        string    `json:"by,omitempty"`
	// Correction is what they say is wrong, until the board has put it in the
	// register; Corrected is when they said so.
	Correction string    `json:"correction,omitempty"`
	Corrected  time.Time `json:"corrected,omitzero"`
}

// Contact finds what is known of an association, by its folded name.
func (tx *Tx) Contact(key string) Contact {
	c, _ := find[Contact](tx, "contact", key)
	c.Key = key
	return c
}

// PutContact keeps it.
func (tx *Tx) PutContact(c Contact) { tx.put("contact", c.Key, c) }

// Contacts lists all, by key.
func (tx *Tx) Contacts() []Contact {
	var out []Contact
	each(tx, "contact", "", "", func(_ string, c Contact) bool { out = append(out, c); return true })
	return out
}

// Since is when the entry was last known to be right, given what the register says of it.
func (c Contact) Since(file time.Time) time.Time {
	if c.Confirmed.After(file) {
		return c.Confirmed
	}
	return file
}

// Confirm notes that somebody said that all is right now.
func (c Contact) Confirm(by string, now time.Time) Contact {
	c.Confirmed, c.By, c.Correction, c.Corrected = now, by, "", time.Time{}
	return c
}

// Correct adds what somebody said is wrong, most runes at most in all.
func (c Contact) Correct(by, text string, most int, now time.Time) Contact {
	if c.Correction != "" {
		text = c.Correction + " / " + text
	}
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	c.By, c.Correction, c.Corrected = by, text, now
	return c
}
