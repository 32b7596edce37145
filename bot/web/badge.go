package web

import (
	"bytes"
	"html/template"
	"unicode/utf8"
)

// badge is the state in a picture to put on other pages.
func (v *view) badge() (*doc, error) {
	said, colour := v.W("web.badge_well"), "#116329"
	if len(v.Open) > 0 {
		said, colour = v.Count("web.badge_out", len(v.Open)), "#8a5300"
		if v.Open[0].Severity == 1 {
			colour = "#a40e26"
		}
	}
	if !v.Silent.IsZero() {
		said, colour = "?", "#57606a"
	}
	label := v.W("web.badge")
	const letter, pad = 7, 10 // pixels; the text is told its length
	left, right := utf8.RuneCountInString(label)*letter, utf8.RuneCountInString(said)*letter
	var b bytes.Buffer
	err := badgeTemplate.Execute(&b, map[string]any{"Lang": v.Lang, "Host": v.Host, "Label": label, "Said": said, "Colour": colour,
		"Left": left, "Right": right, "Split": left + 2*pad, "RightBox": right + 2*pad, "Width": left + right + 4*pad, "RightAt": left + 3*pad})
	if err != nil {
		return nil, err
	}
	return newDoc("image/svg+xml", b.Bytes()), nil
}

// badgeTemplate has no style element: the policy of the page that is visited
// directly forbids one.
var badgeTemplate = template.Must(template.New("badge").Parse(
	`<svg xmlns="http://www.w3.org/2000/svg" width="{{.Width}}" height="22" role="img" xml:lang="{{.Lang}}" aria-label="{{.Host}}: {{.Label}}: {{.Said}}">` +
		`<title>{{.Host}}: {{.Label}}: {{.Said}}</title><rect width="{{.Split}}" height="22" fill="#24292f"/><rect x="{{.Split}}" width="{{.RightBox}}" height="22" fill="{{.Colour}}"/>` +
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="12"><text x="10" y="15" textLength="{{.Left}}" lengthAdjust="spacingAndGlyphs">{{.Label}}</text>` +
		`<text x="{{.RightAt}}" y="15" textLength="{{.Right}}" lengthAdjust="spacingAndGlyphs">{{.Said}}</text></g></svg>
`))
