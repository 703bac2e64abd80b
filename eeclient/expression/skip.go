package expression

import "bytes"

// skipValue returns the index after the well-formed JSON value at i.
func skipValue(data []byte, i int) int {
	for depth := 0; ; {
		switch data[i] {
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
		case '"':
			i, _ = skipString(data, i)
		default:
			i = skipScalar(data, i)
		}
		if depth == 0 {
			return i
		}
	}
}

// skipString returns the index after the string at i, and whether it is closed.
func skipString(data []byte, i int) (end int, closed bool) {
	for i++; ; {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return len(data), false
		}
		i += n + 1
		escapes := 0
		for data[i-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i, true
		}
	}
}

// skipScalar returns the index after the number or the literal at i.
func skipScalar(data []byte, i int) int {
	for i++; i < len(data) && bytes.IndexByte([]byte(",:]} \t\r\n"), data[i]) < 0; i++ {
	}
	return i
}
