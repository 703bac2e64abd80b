package expression

import (
	"bytes"
	"strconv"
)

// A treeLine is a line of a text of trees.
type treeLine struct {
	isNode bool
	isEnd  bool   // it ends in *
	number uint64 // of the node; 0 if it has more than 64 bits
	long   []byte // the digits of a number that has more than 64 bits
}

// newline checks the line that ends at end; the next one begins at next. Nearly
// all lines are the expected node, written as spaces, up to seven digits and a
// parenthesis, with a parenthesis or a * at the end. For these it has no branch
// that depends on the text.
func (f *forest) newline(data []byte, end, next int) {
	f.line++
	start := f.start
	f.start = next
	b := data[start:end]
	for len(b) >= 24 {
		x, more := word(b, 0), word(b, 8)
		indent := lowest(x^spaces) &^ 7
		if indent == 64 {
			b = b[8:]
			continue
		}
		x = x>>(indent&63) | more<<1<<(63-indent&63)
		digits := x ^ '0'*ones
		length := lowest((digits+('\x80'-10)*ones|digits)&highs) &^ 7
		digits <<= -length & 63   // so that there are eight, the first of them 0
		last := b[len(b)-1] - ')' // which * comes right after
		if uint(length-8) < 56 && byte(x>>(length&63)) == ')' && last <= '*'-')' && eightDigits(digits) == f.want && f.want != lost {
			if f.want == 1 {
				f.trees++
			}
			f.want = following(f.want, last != 0)
			return
		}
		break
	}
	f.check(f.read(data[start:end]))
}

// eightDigits returns the number whose digits are the bytes of x, the first in the
// lowest. It joins neighbours to pairs, then to fours, then to the whole.
func eightDigits(x uint64) uint64 {
	x = (x * (1 + 10<<8)) >> 8 & 0x00ff00ff00ff00ff
	x = (x * (1 + 100<<16)) >> 16 & 0x0000ffff0000ffff
	return (x * (1 + 10000<<32)) >> 32
}

// read reads a line.
func (f *forest) read(line []byte) (l treeLine) {
	if bytes.IndexByte(line, '\\') >= 0 {
		f.buf = appendUnescaped(f.buf[:0], line)
		line = f.buf
	}
	line = bytes.Trim(line, " \t\r")
	digits := 0
	for digits < len(line) && digit(line[digits]) {
		digits++
	}
	if digits == 0 || digits == len(line) || line[digits] != ')' {
		return treeLine{}
	}
	l = treeLine{isNode: true, isEnd: line[len(line)-1] == '*'}
	number := bytes.TrimLeft(line[:digits], "0")
	n, err := strconv.ParseUint(string(number[:min(len(number), 21)]), 10, 64)
	if l.number = n; err != nil && len(number) > 0 {
		l.number, l.long = 0, number
	}
	return l
}
