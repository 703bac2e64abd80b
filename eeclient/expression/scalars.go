package expression

import (
	"bytes"
	"strconv"

	"example.com/eeexport/eeclient/resource"
)

// isInt64 reports whether text is an int64, as [ParseInt64] reads one.
func isInt64(text []byte) bool {
	if len(text) > 0 && len(text) <= 18 && digits(text) {
		return text[0] != '0' || len(text) == 1
	}
	_, ok := ParseInt64(text)
	return ok
}

// ParseInt64 reads an int64 as protobuf's JSON mapping has it: a JSON number
// whose value is integral and in range. So "7", "7.0" and "7e0" are the same
// integer, and nothing is rounded. It reports whether text is one.
func ParseInt64(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > maxNumberBytes {
		return 0, false
	}
	var s scanner
	s.data = text
	if s.number(0) != len(text) {
		return 0, false
	}
	// A float64 would round the largest integers, so the number is written out
	// without its point and exponent.
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	exponent := 0
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		// Atoi clamps an exponent that is too large for an int. That is right,
		// since only zero is an integer in range with such an exponent.
		exponent, _ = strconv.Atoi(string(text[e+1:]))
		text = text[:e]
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	all := append(append(make([]byte, 0, len(text)+20), whole...), fraction...)
	all = bytes.TrimLeft(all, "0")
	if len(all) == 0 {
		return 0, true
	}
	// point is how many of the digits come before the decimal point. The exponent
	// can be clamped, since a number has at most 400 digits.
	point := len(all) - len(fraction) + min(max(exponent, -1000), 1000)
	all = bytes.TrimRight(all, "0")
	if point < len(all) || point > 19 {
		return 0, false
	}
	all = append(all, bytes.Repeat([]byte{'0'}, point-len(all))...)
	if negative {
		all = append([]byte{'-'}, all...)
	}
	n, err := strconv.ParseInt(string(all), 10, 64)
	return n, err == nil
}

func digits(text []byte) bool {
	for _, c := range text {
		if !digit(c) {
			return false
		}
	}
	return true
}

// isBase64 reports whether text is bytes as protobuf's JSON mapping reads
// them: base64 (RFC 4648) in the standard or the URL-safe alphabet but not in a
// mixture, padded to whole quanta or not at all.
func isBase64(text []byte) bool {
	n := len(text)
	for n > 0 && text[n-1] == '=' && len(text)-n < 2 {
		n--
	}
	if n < len(text) && len(text)%4 != 0 || n%4 == 1 {
		return false
	}
	standard, urlSafe := false, false
	for _, c := range text[:n] {
		switch {
		case resource.IsAlnum(c):
		case c == '+', c == '/':
			standard = true
		case c == '-', c == '_':
			urlSafe = true
		default:
			return false
		}
	}
	return !standard || !urlSafe
}
