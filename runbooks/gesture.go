package runbooks

// gestures are the three answers to a do step, with the ways in which people
// give them.
func gestures() []choice {
	return []choice{
		{id: "done", words: []string{"fait", "c est fait", "c est bon", "ca marche", "ca remarche", "ca fonctionne", "oui", "ok", "termine", "voila", "repare",
			"c est regle", "done", "i did it", "it works", "works", "it works now", "yes", "yep", "yes done", "finished", "fixed"}},
		{id: "failed", words: []string{"marche pas", "ne marche pas", "pas marche", "marche toujours pas", "remarche pas", "fonctionne pas", "pas fonctionne",
			"fonctionne toujours pas", "toujours pareil", "pareil", "rien change", "rien n a change", "pas change", "toujours rien", "ca n a rien donne",
			"rien donne", "meme chose", "meme erreur", "meme message", "pas mieux", "echec", "rate", "echoue", "fait mais", "c est fait mais", "fait sans succes",
			"did not work", "didn t work", "didnt work", "does not work", "doesn t work", "doesnt work", "not working", "still the same", "same thing", "same error",
			"no change", "nothing changed", "failed", "it fails", "still broken", "still not", "no luck", "done but"}},
		{id: "cannot", words: []string{"peux pas", "ne peux pas", "pouvons pas", "peut pas", "pas pu", "impossible", "arrive pas", "y arrive pas", "pas possible", "pas reussi",
			"sais pas faire", "sais pas comment", "trouve pas", "ne trouve pas", "pas acces", "pas d acces", "pas les droits", "cannot", "can not", "can t", "cant",
			"could not", "couldn t", "couldnt", "unable", "not able", "not possible", "don t know how", "dont know how", "too hard", "can t find", "no access"}},
	}
}

// readGesture hears what stands in the way before what was done: "c'est fait
// mais ça ne marche pas" is a failure, and "oui mais je ne peux pas" is neither.
func readGesture(text string, options []choice) reading {
	folded := fold(text)
	if hits := exactly(folded, options); len(hits) == 1 {
		return reading{kind: readValue, value: options[hits[0]].id}
	}
	hits := matching(options, func(o choice) bool { return o.id != "done" && anyWords(folded, o.words...) })
	if len(hits) == 1 {
		return reading{kind: readValue, value: options[hits[0]].id}
	}
	return readChoice(text, options)
}
