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
		i += lowest(m) >> 3
		if data[i] == '"' {
			return i + 1, true
		}
		break
	}
	return s.longStr(i, nil), false
}

// longStr is the rest of str, from i inside the string. If f is not nil, the
// string is a text of trees, and f is told of its lines.
//
// An ensemble is megabytes of ASCII with a `\n` a line and, from some encoders,
// a `\u003c`. longStr accepts 64 bytes at a time and then looks at what is marked
// in them.
func (s *scanner) longStr(i int, f *forest) int {
	data := s.data
	for i+64+len(`\u003c`) <= len(data) {
		marks, odd := block(data[i : i+64])
		if odd != 0 {
			if i = s.careful(i, i+64, f); i < 0 {
				return -1
			}
			if i < len(data) && data[i] == '"' {
				return i + 1
			}
			continue
		}
		end := i
		for ; marks != 0; marks &= marks - 1 {
			n := i + lowest(marks)
			if n < end {
				continue // it belongs to the escape before it
			}
			if data[n] == '"' {
				return n + 1
			}
			if data[n+1] == 'n' {
				if end = n + 2; f != nil {
					f.newline(data, n, end)
				}
			} else if u, ok := hex4(data, n+2); data[n+1] == 'u' && ok && u > ' ' && u < 0xd800 {
				end = n + 6
			} else if end = s.escapeIn(n, f); end < 0 {
				return -1
			}
		}
		i = max(i+64, end)
	}
	switch i = s.careful(i, len(data), f); {
	case i < 0:
		return -1
	case i == len(data):
		return s.truncated()
	}
	return i + 1
}

// block looks at 64 bytes: marks has a bit for each quote and each backslash,
// unless there are control characters or non-ASCII bytes, for which odd is not 0.
func block(b []byte) (marks, odd uint64) {
	_ = b[63]
	m0, o0 := look(word(b, 0))
	m1, o1 := look(word(b, 8))
	m2, o2 := look(word(b, 16))
	m3, o3 := look(word(b, 24))
	m4, o4 := look(word(b, 32))
	m5, o5 := look(word(b, 40))
	m6, o6 := look(word(b, 48))
	m7, o7 := look(word(b, 56))
	return ^(m0 | m1<<8 | m2<<16 | m3<<24 | m4<<32 | m5<<40 | m6<<48 | m7<<56), (o0 | o1 | o2 | o3 | o4 | o5 | o6 | o7) & highs
}

// look is block for eight bytes, with the bits of all others. The additions are
// exact for ASCII, and the multiplication moves the high bit of each byte into the
// highest byte.
func look(x uint64) (others, odd uint64) {
	others = ((x ^ '\\'*ones) + lows) & ((x ^ '"'*ones) + lows) & highs
	return others * 0x0002040810204081 >> 56, x | (x - spaces)
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

// escapeIn reads the escape sequence whose backslash is at i, and tells f, which
// may be nil, if it is a line break.
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
