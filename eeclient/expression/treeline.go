package expression

import (
	"bytes"
	"math/bits"
	"strconv"
)

// A treeLine is a line of a text of trees.
type treeLine struct {
	isNode bool
	isEnd  bool   // it ends in *
	number uint64 // of the node; 0 if it has more than 64 bits
	long   []byte // the digits of a number that has more than 64 bits
}

// commonLine reads the line at i if it is a node in the form that nearly all have:
// spaces, up to seven digits and a parenthesis, and a parenthesis or a * at the
// end. For other lines next is 0. It is a shortcut for line.
func commonLine(text []byte, i int) (number uint64, isEnd bool, next int) {
	// The end comes first, since the next line depends on nothing else.
	end := i
	for {
		n := bytes.IndexByte(text[end:], '\\')
		if n < 0 {
			return 0, false, 0
		}
		if end += n; text[end+1] == 'n' {
			break
		}
		if text[end+1] != 'u' || text[end+4] == '0' {
			return 0, false, 0 // it may be a line break
		}
		end += len(`\u003c`)
	}
	for i+16 <= len(text) {
		x := word(text, i) ^ spaces
		if x != 0 {
			i += bits.TrailingZeros64(x) >> 3
			break
		}
		i += 8
	}
	if i+8 > end {
		return 0, false, 0
	}
	x := word(text, i)
	other := x ^ ')'*ones
	length := bits.TrailingZeros64((other-ones)&^other&highs) &^ 7
	if length == 0 || length == 64 {
		return 0, false, 0
	}
	x = (x ^ '0'*ones) << (64 - length) // so that there are eight digits, the first of them 0
	last := text[end-1] - ')'           // which * comes right after
	if (x+('\x80'-10)*ones|x)&highs != 0 || last > '*'-')' {
		return 0, false, 0
	}
	return eightDigits(x), last != 0, end + len(`\n`)
}

// eightDigits returns the number whose digits are the bytes of x, the first in the
// lowest. It joins neighbours to pairs, then to fours, then to the whole.
func eightDigits(x uint64) uint64 {
	x = x*10 + x>>8
	const pairs = 0x000000ff000000ff
	return (x&pairs*(100+1000000<<32) + x>>16&pairs*(1+10000<<32)) >> 32
}

// line reads the line at i and returns the index of the next one. It unescapes a
// line only if there are escapes in what it has to read.
func (f *forest) line(text []byte, i int) (l treeLine, next int) {
	start := i
	for i < len(text) && text[i] == ' ' {
		i++
	}
	i = l.readNumber(text, i)
	escaped := !l.isNode && i < len(text) && text[i] == '\\' && text[i+1] != 'n'
	end, next := lineEnd(text, i)
	switch {
	case escaped:
	case !l.isNode || text[end-1] == ')':
		return l, next
	case text[end-1] == '*':
		l.isEnd = true
		return l, next
	case text[end-1] != ' ' && bytes.IndexByte(text[max(start, end-len(`\u0020`)):end], '\\') < 0:
		return l, next
	}
	f.buf = appendUnescaped(f.buf[:0], text[start:end])
	b := bytes.Trim(f.buf, " \t\r")
	l = treeLine{isEnd: bytes.HasSuffix(b, []byte("*"))}
	l.readNumber(b, 0)
	return l, next
}

// lineEnd returns the end of the line that i is in, and the start of the next.
func lineEnd(text []byte, i int) (end, next int) {
	for {
		n := bytes.IndexByte(text[i:], '\\')
		if n < 0 {
			return len(text), len(text)
		}
		i += n
		switch text[i+1] {
		case 'n':
			return i, i + 2
		case 'u':
			if u, _ := hex4(text, i+2); u == '\n' {
				return i, i + 6
			}
			i += 6
		default:
			i += 2
		}
	}
}

// readNumber reads a number at i, if there is one, and returns the index after it.
func (l *treeLine) readNumber(text []byte, i int) int {
	from := i
	for ; i < len(text) && digit(text[i]); i++ {
		l.number = 10*l.number + uint64(text[i]-'0')
	}
	l.isNode = i > from && i < len(text) && text[i] == ')'
	if digits := bytes.TrimLeft(text[from:i], "0"); len(digits) > 19 {
		var err error
		if l.number, err = strconv.ParseUint(string(digits[:min(len(digits), 21)]), 10, 64); err != nil {
			l.number, l.long = 0, digits
		}
	}
	return i
}
