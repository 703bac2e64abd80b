package expression

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Masks for eight bytes at a time: one value repeated in every byte.
const (
	ones   = 0x0101010101010101
	lows   = 0x7f7f7f7f7f7f7f7f
	highs  = 0x8080808080808080
	spaces = 0x2020202020202020
)

// word loads eight bytes, the first of them lowest.
func word(data []byte, i int) uint64 { return binary.LittleEndian.Uint64(data[i:]) }

// lowest returns the index of the lowest bit of x, or 64 if x is 0. Counting the
// bits below it takes less time than bits.TrailingZeros64 on processors of AMD.
func lowest(x uint64) int { return bits.OnesCount64(x&-x - 1) }

// skipSpace returns the index of the first byte at or after i that is not
// JSON whitespace.
func skipSpace(data []byte, i int) int {
	for i < len(data) && data[i] <= ' ' && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// colon skips the colon at or after i, and the whitespace around it. It returns
// where the value begins, or -1 with s.syntax set.
func (s *scanner) colon(i int) int {
	i = skipSpace(s.data, i)
	if i < len(s.data) && s.data[i] != ':' {
		return s.fail(i, "expected a colon")
	}
	if i = skipSpace(s.data, i+1); i >= len(s.data) {
		return s.truncated()
	}
	return i
}

// literal reads true, false or null at i and returns the index after it.
func (s *scanner) literal(i int) int {
	want := "null"
	switch s.data[i] {
	case 't':
		want = "true"
	case 'f':
		want = "false"
	}
	rest := s.data[i:]
	if len(rest) >= len(want) && string(rest[:len(want)]) == want {
		return i + len(want)
	}
	for j := range rest {
		if j >= len(want) || rest[j] != want[j] {
			return s.fail(i+j, "misspelt literal; write true, false or null")
		}
	}
	return s.truncated()
}

// number reads a number at i by the grammar of RFC 8259, section 6, and
// returns the index after it.
func (s *scanner) number(i int) int {
	// A slice that ends at the limit keeps any further digits from being read:
	// its end is either the limit or the end of the input.
	data := s.data
	end := len(data)
	if i+maxNumberBytes+1 < end {
		end = i + maxNumberBytes + 1
	}
	start := i
	if data[i] == '-' {
		i++
	}
	switch {
	case i >= end:
		return s.truncated()
	case data[i] == '0':
		i++
	case digit(data[i]):
		for i++; i < end && digit(data[i]); i++ {
		}
	case i == start && bytes.HasPrefix(data[i:], []byte("\ufeff")):
		return s.fail(i, "a byte order mark stands before the value; save the text without one")
	case i == start:
		return s.fail(i, "expected a value")
	default:
		return s.fail(i, "expected a digit")
	}
	if i < end && data[i] == '.' {
		if i = s.digits(i+1, end); i < 0 {
			return -1
		}
	}
	if i < end && data[i]|0x20 == 'e' {
		i++
		if i < end && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if i = s.digits(i, end); i < 0 {
			return -1
		}
	}
	if i-start > maxNumberBytes {
		return s.fail(start, "this number has too many digits")
	}
	return i
}

// digits reads one or more digits.
func (s *scanner) digits(i, end int) int {
	if i >= len(s.data) {
		return s.truncated()
	}
	if i >= end {
		return i // over the limit; number says so
	}
	if !digit(s.data[i]) {
		return s.fail(i, "expected a digit")
	}
	for i < end && digit(s.data[i]) {
		i++
	}
	return i
}

func digit(c byte) bool { return c-'0' <= 9 }

// fail records why reading stops, and returns -1.
func (s *scanner) fail(offset int, reason string) int {
	s.syntax = &SyntaxError{Offset: int64(offset), Reason: reason}
	return -1
}

// truncated is fail at the end of the input.
func (s *scanner) truncated() int {
	return s.fail(len(s.data), "the input ends in the middle of a value")
}
