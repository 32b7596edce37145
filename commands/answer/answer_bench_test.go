package answer_test

import (
	"testing"

	"vigie/commands/answer"
	"vigie/runbooks/library"
)

// panicked is how members write when nothing works.
const panicked = "bjr notre site asso-exemple.org repon plus du tout depuis se matin c normal ou bien ??"

// BenchmarkAnswer is one sentence understood and decided upon.
func BenchmarkAnswer(b *testing.B) {
	r, err := answer.New(answer.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := r.Decide(r.Recognise(panicked), answer.Context{Addressed: true}); len(d.IDs) == 0 {
			b.Fatal("nothing was recognised")
		}
	}
}

// BenchmarkFind is one search in the shipped FAQ.
func BenchmarkFind(b *testing.B) {
	host := map[string]string{}
	for _, k := range library.HostKeys() {
		host[k.Name] = k.Example
	}
	faq, errs := answer.LoadFAQ(host, library.FS())
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(faq.Find("fr", "quels réglages pour mon courriel dans thunderbird", 3)) == 0 {
			b.Fatal("nothing was found")
		}
	}
}
