package expression

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// special marks, by its high bit, the lowest byte of x that ends a run of
// plain text: a quote, a backslash, a control character or the start of
// non-ASCII. Bits above the lowest may be set without cause, because the
// subtractions borrow; only the lowest is meant to be used.
func special(x uint64) uint64 {
	quote := (x ^ '"'*ones) - ones
	escape := (x ^ '\\'*ones) - ones
	control := x - spaces
	return (quote | escape | control | x) & highs
}

// str reads the string whose opening quote is at i and returns the index
// after its closing quote. plain says that it holds neither escapes nor
// non-ASCII; a string for which it is false may still hold none.
func (s *scanner) str(i int) (end int, plain bool) {
	data := s.data
	i++
	// Names and keys are short: up to four words, then the long way.
	for n := 0; n < 4 && i+8 <= len(data); n++ {
		m := special(word(data, i))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if data[i] == '"' {
			return i + 1, true
		}
		break
	}
	return s.longStr(i), false
}

// longStr is the rest of str from i, somewhere inside the string.
//
// The text of an ensemble is megabytes in which only `\n` interrupts plain
// ASCII. Where the next quote is, the library finds at many bytes a cycle;
// up to there, 32 bytes at a time are accepted without a branch on where a
// line ends, for a branch on that would be mispredicted once a line.
func (s *scanner) longStr(i int) int {
	data := s.data
	for {
		quote := bytes.IndexByte(data[i:], '"')
		if quote < 0 {
			// Look at the rest all the same: an error in it comes first.
			if i = s.careful(i, len(data)); i < 0 {
				return -1
			}
			return s.truncated()
		}
		quote += i
		for i < quote {
			if i+32 <= quote && clean(data[i:i+33]) {
				i += 32
				continue
			}
			if i = s.careful(i, min(i+32, quote)); i < 0 {
				return -1
			}
		}
		if i == quote {
			return i + 1
		}
		// That quote was escaped.
	}
}

// clean reports whether the first 32 of 33 bytes are ASCII text in which
// every backslash is followed by an n. So `\n`, which alone is common in
// bulk, needs no second look; a run of backslashes, where it matters which
// of them is escaped, never passes.
func clean(b []byte) bool {
	_ = b[32]
	bad := dirt(word(b, 0), word(b, 1)) |
		dirt(word(b, 8), word(b, 9)) |
		dirt(word(b, 16), word(b, 17)) |
		dirt(word(b, 24), word(b, 25))
	return bad&highs == 0
}

// dirt sets high bits for what clean refuses; next is x one byte later. The
// additions are exact for ASCII, and non-ASCII is refused anyhow.
func dirt(x, next uint64) uint64 {
	notEscape := (x ^ '\\'*ones) + lows
	notN := (next ^ 'n'*ones) + lows
	return notN&^notEscape | (x - spaces) | x | next
}

// careful reads text from i to limit, or a little beyond it if an escape
// straddles it, and stops early only at a closing quote.
func (s *scanner) careful(i, limit int) int {
	data := s.data
	for i < limit {
		if i+8 <= len(data) {
			m := special(word(data, i))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		switch c := data[i]; {
		case c == '"':
			return i
		case c == '\\':
			if i = s.escape(i); i < 0 {
				return -1
			}
		case c < ' ':
			return s.fail(i, "a control character in a string must be escaped")
		case c < utf8.RuneSelf:
			i++
		default:
			for i < len(data) && data[i] >= utf8.RuneSelf {
				r, size := utf8.DecodeRune(data[i:])
				if r == utf8.RuneError && size == 1 {
					return s.fail(i, "invalid UTF-8")
				}
				i += size
			}
		}
	}
	return i
}

// escape reads the escape sequence whose backslash is at i. Surrogates must
// come in pairs: half of one is no character, and would not survive UTF-8.
func (s *scanner) escape(i int) int {
	data := s.data
	if i+1 >= len(data) {
		return s.truncated()
	}
	switch data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return s.fail(i, "unknown escape sequence")
	}
	u, ok := hex4(data, i+2)
	switch {
	case !ok && allHex(data[i+2:]):
		return s.truncated()
	case !ok:
		return s.fail(i, `\u must be followed by four hexadecimal digits`)
	case u < 0xd800 || u > 0xdfff:
		return i + 6
	case u < 0xdc00 && i+8 <= len(data) && data[i+6] == '\\' && data[i+7] == 'u':
		if low, ok := hex4(data, i+8); ok && low >= 0xdc00 && low <= 0xdfff {
			return i + 12
		}
	}
	return s.fail(i, "half of a surrogate pair is not a character")
}

// hex4 reads four hexadecimal digits at i.
func hex4(data []byte, i int) (rune, bool) {
	if i+4 > len(data) {
		return 0, false
	}
	var v rune
	for _, c := range data[i : i+4] {
		switch {
		case digit(c):
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// allHex reports whether the text up to the end of the input, three digits at
// most, could go on as the digits of an escape.
func allHex(text []byte) bool {
	for _, c := range text {
		if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return len(text) < 4
}

// appendUnescaped appends the text of a string that the scanner has accepted,
// given without its quotes.
func appendUnescaped(dst, text []byte) []byte {
	for {
		n := bytes.IndexByte(text, '\\')
		if n < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:n]...)
		c := text[n+1]
		text = text[n+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			u, _ := hex4(text, 0)
			text = text[4:]
			if u >= 0xd800 && u <= 0xdfff {
				low, _ := hex4(text, 2)
				u = (u-0xd800)<<10 | (low - 0xdc00) + 0x10000
				text = text[6:]
			}
			dst = utf8.AppendRune(dst, u)
		default:
			dst = append(dst, c)
		}
	}
}
