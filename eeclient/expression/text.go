package expression

import (
	"bytes"
	"math"
	"slices"
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
// is not, the string may still be.
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
		i += lowest(m) >> 3
		if data[i] == '"' {
			return i + 1, true
		}
		break
	}
	return s.longStr(i, nil), false
}

// longStr is the rest of str, from i inside the string. If f is not nil, the
// string is a text of trees, and f checks its lines.
//
// An ensemble is megabytes of ASCII with a `\n` a line and, from some encoders,
// a `\u003c`. Where text is plain, only its escapes are read.
func (s *scanner) longStr(i int, f *forest) int {
	data := s.data
	for i+block+len(`\u003c`) <= len(data) {
		escapes, plain := look(data[i : i+block])
		if !plain {
			if i = s.careful(i, i+block, f); i < 0 {
				return -1
			}
			if i < len(data) && data[i] == '"' {
				return i + 1
			}
			continue
		}
		end := i
		for ; escapes != 0; escapes &= escapes - 1 {
			n := i + lowest(escapes)
			if n < end {
				continue // the second backslash of an escape
			}
			if data[n+1] == 'n' {
				if end = n + len(`\n`); f != nil {
					f.newline(data, n, end)
				}
			} else if u, ok := hex4(data, n+2); ok && data[n+1] == 'u' && u > ' ' && u < 0xd800 {
				end = n + len(`\u003c`)
			} else if end = s.escapeIn(n, f); end < 0 {
				return -1
			}
		}
		i = max(i+block, end)
	}
	switch i = s.careful(i, len(data), f); {
	case i < 0:
		return -1
	case i < len(data):
		return i + 1
	}
	return s.truncated()
}

// block is the number of bytes that look reads.
const block = 64

// look reports whether a block is plain text: ASCII without quotes and control
// characters. If it is, escapes has a bit for each of its backslashes.
func look(b []byte) (escapes uint64, plain bool) {
	_ = b[block-1]
	x0, x1, x2, x3 := word(b, 0), word(b, 8), word(b, 16), word(b, 24)
	x4, x5, x6, x7 := word(b, 32), word(b, 40), word(b, 48), word(b, 56)
	if (odd(x0)|odd(x1)|odd(x2)|odd(x3)|odd(x4)|odd(x5)|odd(x6)|odd(x7))&highs != 0 {
		return 0, false
	}
	return ^(others(x0) | others(x1)<<8 | others(x2)<<16 | others(x3)<<24 |
		others(x4)<<32 | others(x5)<<40 | others(x6)<<48 | others(x7)<<56), true
}

// odd sets a high bit if one of the bytes of x is not plain. The exclusive or puts
// the quote next to the control characters, and the subtraction makes them all
// negative.
func odd(x uint64) uint64 { return x | ((x ^ 0x02*ones) - 0x21*ones) }

// others has a bit for each byte of x, which is ASCII, that is not a backslash.
// The multiplication moves the high bits of all bytes into the highest byte.
func others(x uint64) uint64 {
	return ((x ^ '\\'*ones) + lows) & highs * 0x0002040810204081 >> 56
}

// careful reads text from i to limit, or a little beyond it if an escape
// straddles it, and stops early only at a closing quote. See longStr for f.
func (s *scanner) careful(i, limit int, f *forest) int {
	data := s.data
	for i < limit {
		if i+8 <= len(data) {
			m := special(word(data, i))
			if m == 0 {
				i += 8
				continue
			}
			i += lowest(m) >> 3
		}
		switch c := data[i]; {
		case c == '"':
			return i
		case c == '\\':
			if i = s.escapeIn(i, f); i < 0 {
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

// escapeIn reads the escape sequence whose backslash is at i, and ends the line
// of f, which may be nil, if it is a line break.
func (s *scanner) escapeIn(i int, f *forest) int {
	end := s.escape(i)
	if f == nil || end < 0 {
		return end
	}
	if u, _ := hex4(s.data, i+2); s.data[i+1] == 'n' || s.data[i+1] == 'u' && u == '\n' {
		f.newline(s.data, i, end)
	}
	return end
}

// escape reads the escape sequence whose backslash is at i. Surrogates must
// come in pairs: half of one is not a character, and would not survive UTF-8.
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
// most, could be the first digits of an escape.
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
	dst = slices.Grow(dst, len(text))
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
