package expression

import (
	"bytes"
	"math"
	"math/bits"
	"unicode/utf8"
)

// special sets the high bit of the lowest byte of x that ends a run of plain
// text: a quote, a backslash, a control character or the start of non-ASCII. Of
// the bits that it returns only the lowest is exact, because subtractions borrow.
func special(x uint64) uint64 {
	quote := (x ^ '"'*ones) - ones
	escape := (x ^ '\\'*ones) - ones
	control := x - spaces
	return (quote | escape | control | x) & highs
}

// str reads the string whose opening quote is at i and returns the index after
// its closing quote. If plain is set, the string is ASCII without escapes; if it
// is not, the string may be that all the same.
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

// longStr is the rest of str, from i inside the string.
//
// An ensemble is megabytes of ASCII with a `\n` a line and, from some encoders,
// a `\u003c`. The library finds the next quote at many bytes a cycle. Up to there
// longStr accepts 32 bytes at a time without a branch on line ends, which would
// be mispredicted once a line.
func (s *scanner) longStr(i int) int {
	data := s.data
	for {
		quote := bytes.IndexByte(data[i:], '"')
		if quote < 0 {
			// An error in the rest comes before the missing quote.
			if i = s.careful(i, len(data)); i < 0 {
				return -1
			}
			return s.truncated()
		}
		quote += i
		for i < quote {
			if i+32 <= quote {
				escapes, odd := block(data[i : i+33])
				if escapes|odd == 0 {
					i += 32
					continue
				}
				// A single escape, such as that of <.
				if odd == 0 && escapes&(escapes-1) == 0 {
					n := bits.TrailingZeros64(escapes)
					end := s.escape(i + n>>3 + n&7<<3)
					if end < 0 {
						return -1
					}
					i = max(i+32, end)
					continue
				}
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

// block looks at the first 32 of 33 bytes. escapes has a bit for each backslash
// that is not followed by an n: bit k of byte n stands for byte n of word k. So
// `\n`, the only escape that is common everywhere, needs no second look. odd is
// not 0 if there are control characters or non-ASCII bytes; escapes is not exact
// then.
func block(b []byte) (escapes, odd uint64) {
	_ = b[32]
	e0, o0 := look(word(b, 0), word(b, 1))
	e1, o1 := look(word(b, 8), word(b, 9))
	e2, o2 := look(word(b, 16), word(b, 17))
	e3, o3 := look(word(b, 24), word(b, 25))
	return e0&highs>>7 | e1&highs>>6 | e2&highs>>5 | e3&highs>>4, (o0 | o1 | o2 | o3) & highs
}

// look is block for the eight bytes in x; next is one byte later. The additions
// are exact for ASCII.
func look(x, next uint64) (escapes, odd uint64) {
	notEscape := (x ^ '\\'*ones) + lows
	notN := (next ^ 'n'*ones) + lows
	return notN &^ notEscape, (x - spaces) | x | next
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
	d := data[i : i+4]
	u := hexDigits[d[0]]<<12 | hexDigits[d[1]]<<8 | hexDigits[d[2]]<<4 | hexDigits[d[3]]
	return u, u >= 0
}

// hexDigits are the values of hexadecimal digits. Those of other bytes are so
// negative that they still are when shifted.
var hexDigits = func() (values [256]rune) {
	for c := range values {
		switch c := byte(c); {
		case digit(c):
			values[c] = rune(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			values[c] = rune(c|0x20-'a') + 10
		default:
			values[c] = math.MinInt32 >> 12
		}
	}
	return values
}()

// allHex reports whether the text up to the end of the input, three digits at
// most, could go on as the digits of an escape.
func allHex(text []byte) bool {
	for _, c := range text {
		if hexDigits[c] < 0 {
			return false
		}
	}
	return len(text) < 4
}

// appendUnescaped appends the text of a string that the scanner has accepted; the
// string comes without its quotes.
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
