package answer

import (
	"testing"
)

func TestWithSearchesBothTogether(t *testing.T) {
	own := loadFixture(t)
	before := len(own.Entries("fr"))
	f := own.With([]Entry{
		{ID: "+wifi", Lang: "fr", Title: "wifi", Keywords: []string{"code du local"}, Body: "Le code est affiché près de la porte."},
		{ID: "+wifi", Lang: "en", Title: "wifi", Body: "The code hangs near the door."},
		{ID: "+cle", Lang: "fr", Title: "clé du local", Body: "Chez la voisine."},
	})
	for _, c := range []struct{ lang, query, want string }{
		{"fr", "quel est le code du wiffi", "Le code est affiché près de la porte."},
		{"en", "wifi code please", "The code hangs near the door."},
		{"en", "cle local", "Chez la voisine."},
	} {
		hits := f.Find(c.lang, c.query, 3)
		if len(hits) == 0 || hits[0].Body != c.want {
			t.Errorf("%s %q: %+v", c.lang, c.query, hits)
		}
	}
	if hits := f.Find("fr", "où lire mes mails", 1); len(hits) == 0 || hits[0].ID != "webmail" {
		t.Errorf("the shipped entries are not found any more: %+v", hits)
	}
	if len(own.Entries("fr")) != before || len(own.Find("fr", "wifi", 1)) > 0 && own.Find("fr", "wifi", 1)[0].ID == "+wifi" {
		t.Error("the FAQ itself changed")
	}
}
