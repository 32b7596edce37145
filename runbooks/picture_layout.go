package runbooks

// lane is the line of all arrows that lead to one card, at the right of the
// cards. The lanes of cards that are far apart share a column.
type lane struct {
	to, column int
	from       []int // y of the rows that lead there
	top, foot  int
}

// place gives every card, row and lane its coordinates.
func (p *picture) place() {
	y := headHeight
	for i := range p.cards {
		c := &p.cards[i]
		c.y = y
		y += titleHeight + len(c.text)*lineHeight + rowGap
		for j := range c.rows {
			r := &c.rows[j]
			r.y = y + lineHeight/2
			y += max(len(r.label), r.height())*lineHeight + rowGap
		}
		c.end = y + rowGap
		y = c.end + cardGap
	}
	p.height = y + footHeight
	p.route()
}

// height is how many lines the right side of a row takes.
func (r row) height() int {
	if r.end != nil {
		return 1 + len(r.what)
	}
	return 1
}

// route gathers the arrows by target, then gives each target the innermost
// column that is free over the whole of its height.
func (p *picture) route() {
	byTarget := map[int]*lane{}
	var order []*lane
	for _, c := range p.cards {
		for _, r := range c.rows {
			if r.to == 0 {
				continue
			}
			l := byTarget[r.to]
			if l == nil {
				entry := p.cards[r.to-1].y + titleHeight/2
				l = &lane{to: r.to, top: entry, foot: entry}
				byTarget[r.to] = l
				order = append(order, l)
			}
			l.from = append(l.from, r.y)
			l.top, l.foot = min(l.top, r.y), max(l.foot, r.y)
		}
	}
	columns := 0
	for _, l := range order {
		for !p.free(l) {
			l.column++
		}
		columns = max(columns, l.column+1)
		p.lanes = append(p.lanes, *l)
	}
	p.width = laneStart + columns*laneGap + 20
}

func (p *picture) free(l *lane) bool {
	for _, o := range p.lanes {
		if o.column == l.column && l.top <= o.foot+4 && o.top <= l.foot+4 {
			return false
		}
	}
	return true
}
