package model

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// magic begins every encoded model; the digit is the format's version.
const magic = "VIGIEANS1"

// ErrFormat says that bytes are no model of this version.
var ErrFormat = errors.New("not a recogniser model of this version; run go generate ./commands/answer")

// maxPart bounds every length read, so that a damaged file asks for no more
// memory than a real one could.
const maxPart = 16 << 20

// Encode writes the model: magic, then a flate stream of length-prefixed parts.
// The same model gives the same bytes.
func (m *Model) Encode() ([]byte, error) {
	var body bytes.Buffer
	part := func(b []byte) {
		body.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		body.Write(b)
	}
	part([]byte(strings.Join(m.Classes, "\n")))
	part([]byte(strings.Join(m.Names, "\n")))
	part(m.IDF)
	w := make([]byte, len(m.W))
	for i, x := range m.W {
		w[i] = byte(x)
	}
	part(w)
	floats := append([]float32{m.Scale, m.Temperature}, m.Bias...)
	var fb []byte
	for _, f := range floats {
		fb = binary.BigEndian.AppendUint32(fb, math.Float32bits(f))
	}
	part(fb)

	var out bytes.Buffer
	out.WriteString(magic)
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("encode model: %w", err)
	}
	if _, err := z.Write(body.Bytes()); err != nil {
		return nil, fmt.Errorf("encode model: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("encode model: %w", err)
	}
	return out.Bytes(), nil
}

// Decode reads what Encode wrote and checks that its parts fit together. Every
// error is or wraps ErrFormat.
func Decode(b []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return nil, ErrFormat
	}
	r := flate.NewReader(bytes.NewReader(rest))
	var parts [5][]byte
	for i := range parts {
		var err error
		if parts[i], err = readPart(r); err != nil {
			return nil, fmt.Errorf("%w: part %d: %w", ErrFormat, i, err)
		}
	}
	m := &Model{
		Classes: strings.Split(string(parts[0]), "\n"),
		Names:   strings.Split(string(parts[1]), "\n"),
		IDF:     parts[2],
	}
	m.W = make([]int8, len(parts[3]))
	for i, x := range parts[3] {
		m.W[i] = int8(x)
	}
	if err := m.floats(parts[4]); err != nil {
		return nil, err
	}
	m.Reindex()
	return m, nil
}

func (m *Model) floats(b []byte) error {
	k := len(m.Classes)
	if len(m.IDF) != len(m.Names) || len(m.W) != k*len(m.Names) || len(b) != 4*(k+2) {
		return fmt.Errorf("%w: its parts do not fit together", ErrFormat)
	}
	all := make([]float32, k+2)
	for i := range all {
		all[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
		if f := float64(all[i]); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%w: a weight is no number", ErrFormat)
		}
	}
	m.Scale, m.Temperature, m.Bias = all[0], all[1], all[2:]
	if m.Temperature <= 0 {
		return fmt.Errorf("%w: temperature %v", ErrFormat, m.Temperature)
	}
	for _, n := range m.Names {
		if n == "" {
			return fmt.Errorf("%w: a feature without a name", ErrFormat)
		}
	}
	return nil
}

func readPart(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxPart {
		return nil, fmt.Errorf("%d bytes is too long", n)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
