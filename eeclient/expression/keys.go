package expression

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
)

// A span is a piece of text: in the input, or, if it had to be unescaped, in
// the scanner's arena. Offsets instead of slices keep the scratch memory free
// of pointers into the caller's bytes.
type span struct {
	at, len uint32
}

// inArena marks spans in the arena. Inputs are shorter than 2 GiB.
const inArena = 1 << 31

// bytes returns the text of a span.
func (s *scanner) bytes(t span) []byte {
	if t.at&inArena != 0 {
		return s.arena[t.at&^inArena:][:t.len]
	}
	return s.data[t.at:][:t.len]
}

// text returns the unescaped text of the string between the given indices of
// the input, quotes excluded. plain is what str said of it.
func (s *scanner) text(start, end int, plain bool) span {
	if plain || bytes.IndexByte(s.data[start:end], '\\') < 0 {
		return span{uint32(start), uint32(end - start)}
	}
	at := len(s.arena)
	s.arena = appendUnescaped(s.arena, s.data[start:end])
	return span{uint32(at) | inArena, uint32(len(s.arena) - at)}
}

// Seeds of hash. They are chosen when the process starts, so whoever writes a
// request cannot aim for collisions.
var (
	longSeed = maphash.MakeSeed()
	seed0    = maphash.String(longSeed, "eeexport expression 0")
	seed1    = maphash.String(longSeed, "eeexport expression 1") | 1
)

// hash mixes text with both seeds. Keys and names are mostly shorter than 17
// bytes, and for them one multiplication of 64 by 64 bits, folded as wyhash
// does it, is cheaper than the call to maphash that longer text is left to.
func hash(b []byte) uint64 {
	var lo, hi uint64
	switch n := len(b); {
	case n > 16:
		return maphash.Bytes(longSeed, b)
	case n >= 8:
		lo, hi = word(b, 0), word(b, n-8)
	default:
		for i := n - 1; i >= 0; i-- {
			lo = lo<<8 | uint64(b[i])
		}
	}
	hi, lo = bits.Mul64(lo^seed0, hi^seed1^uint64(len(b))*ones)
	return hi ^ lo
}

// same compares two texts. The last byte is looked at first: keys of one object
// tend to begin alike, and most differ there already.
func (s *scanner) same(a, b span) bool {
	if a.len != b.len || a.len == 0 {
		return a.len == b.len
	}
	x, y := s.bytes(a), s.bytes(b)
	return x[len(x)-1] == y[len(x)-1] && bytes.Equal(x, y)
}

// A keySet holds the keys of objects that are open at the same time, as a
// stack: those of an object are keys[start:], where start is how many there
// were when it was opened. An object with few keys is searched by comparing
// them all. The keys of a larger one are also in slots, a hash table with
// linear probing. Since objects close in the reverse order of their opening,
// keys leave the table in the reverse order of their insertion, which needs no
// tombstones.
type keySet struct {
	keys  []span
	slots []uint64 // half a hash, then the index in keys plus 1; 0 is free
	used  int
}

// smallObject is the number of keys up to which comparing them all is
// cheapest.
const smallObject = 8

// find returns the index of k among the keys from start on, or -1.
func (t *keySet) find(s *scanner, start int, k span) int {
	if len(t.keys)-start <= smallObject {
		for i := start; i < len(t.keys); i++ {
			if s.same(t.keys[i], k) {
				return i
			}
		}
		return -1
	}
	h := s.hash(start, k)
	mask := uint64(len(t.slots) - 1)
	for p := h; ; p++ {
		v := t.slots[p&mask]
		if v == 0 {
			return -1
		}
		if i := int(v&indexMask) - 1; v>>32 == h && i >= start && s.same(t.keys[i], k) {
			return i
		}
	}
}

// add appends k, which is not among the keys from start on.
func (t *keySet) add(s *scanner, start int, k span) {
	v := extend(&t.keys)
	v.at, v.len = k.at, k.len
	switch n := len(t.keys) - start; {
	case n <= smallObject:
		return
	case n == smallObject+1:
		t.reserve(n)
		for i := start; i < len(t.keys); i++ {
			t.insert(s.hash(start, t.keys[i]), i)
		}
	default:
		t.reserve(1)
		t.insert(s.hash(start, k), len(t.keys)-1)
	}
}

// truncate removes the keys from start on.
func (t *keySet) truncate(s *scanner, start int) {
	if len(t.keys)-start > smallObject {
		mask := uint64(len(t.slots) - 1)
		for i := len(t.keys) - 1; i >= start; i-- {
			p := s.hash(start, t.keys[i])
			for t.slots[p&mask]&indexMask != uint64(i+1) {
				p++
			}
			t.slots[p&mask] = 0
			t.used--
		}
	}
	t.keys = t.keys[:start]
}

const indexMask = 1<<32 - 1

// hash returns 32 bits of hash for a key of an object. The object takes part:
// otherwise objects within objects that repeat the same keys would queue up
// behind one another.
func (s *scanner) hash(start int, k span) uint64 {
	return (hash(s.bytes(k)) ^ uint64(start)*0x9e3779b97f4a7c15) >> 32
}

func (t *keySet) insert(h uint64, i int) {
	mask := uint64(len(t.slots) - 1)
	p := h
	for t.slots[p&mask] != 0 {
		p++
	}
	t.slots[p&mask] = h<<32 | uint64(i+1)
	t.used++
}

// reserve makes room for n more keys with at most half of the slots in use.
func (t *keySet) reserve(n int) {
	if (t.used+n)*2 <= len(t.slots) {
		return
	}
	size := max(64, len(t.slots)*2)
	for size < (t.used+n)*2 {
		size *= 2
	}
	// The order of insertion has to stay that of the stack.
	moved := t.slots[:0]
	for _, v := range t.slots {
		if v != 0 {
			moved = append(moved, v)
		}
	}
	slices.SortFunc(moved, func(a, b uint64) int { return cmp.Compare(a&indexMask, b&indexMask) })
	t.slots, t.used = make([]uint64, size), 0
	for _, v := range moved {
		t.insert(v>>32, int(v&indexMask)-1)
	}
}

// reset forgets all keys and keeps the memory.
func (t *keySet) reset() {
	t.keys = t.keys[:0]
	if t.used > 0 {
		clear(t.slots)
		t.used = 0
	}
}
