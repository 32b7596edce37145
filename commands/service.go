package commands

import (
	"vigie/store"
)

// serviceIDs lists the services that can break.
func (t *Table) serviceIDs() []string {
	var out []string
	for _, s := range t.cfg.Services {
		out = append(out, s.ID)
	}
	return out
}

// serviceNamed finds a service by id or title, empty when there is none.
func (t *Table) serviceNamed(word string) string {
	for _, s := range t.cfg.Services {
		if w := Fold(word); w != "" && (w == Fold(s.ID) || w == Fold(s.Title["fr"]) || w == Fold(s.Title["en"])) {
			return s.ID
		}
	}
	return ""
}

// openOn finds the open incident of a service.
func openOn(tx *store.Tx, service string) (store.Incident, bool) {
	for _, i := range tx.Incidents() {
		if i.Open() && i.Service == service {
			return i, true
		}
	}
	return store.Incident{}, false
}

// serviceFor is the service that people mean when they want one of the recognised ids.
func (t *Table) serviceFor(intent string) string {
	for _, s := range t.cfg.Services {
		for _, i := range s.Intents {
			if i == intent {
				return s.ID
			}
		}
	}
	return ""
}

// serviceTitle is a service's name for people, its id when it has none.
func (t *Table) serviceTitle(lang, id string) string {
	for _, s := range t.cfg.Services {
		if s.ID == id && s.Title[lang] != "" {
			return s.Title[lang]
		}
	}
	return id
}
