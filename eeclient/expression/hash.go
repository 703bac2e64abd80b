package expression

import (
	"bytes"
	"hash/maphash"
	"math/bits"
)

// A span is a piece of text: in the input or, if it had to be unescaped, in the
// scanner's arena. It holds offsets, so that the scratch memory has no pointers.
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
// the input, quotes excluded. plain is what str returned for it.
func (s *scanner) text(start, end int, plain bool) span {
	if plain || bytes.IndexByte(s.data[start:end], '\\') < 0 {
		return span{uint32(start), uint32(end - start)}
	}
	at := len(s.arena)
	if n := end - start; n > cap(s.arena)-at {
		reserve(s, &s.arena, n, len(s.data))
	}
	s.arena = appendUnescaped(s.arena, s.data[start:end])
	return span{uint32(at) | inArena, uint32(len(s.arena) - at)}
}

// same reports whether two texts are equal. It compares the last bytes first, since
// keys of one object tend to begin alike.
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
	keys []span
	// slots hold the index of a key plus 1, or 0, in as many low bits as the
	// table is long, and bits of its hash in the others.
	slots []uint32
	large []run
}

// A run is the keys of an object that are in the table: keys[start:][:n].
type run struct{ start, n int }

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
	h, mask := s.hash(start, k), uint32(len(t.slots)-1)
	for p := uint32(h); ; p++ {
		v := t.slots[p&mask]
		if v == 0 {
			return -1
		}
		if (v^uint32(h>>32))&^mask == 0 {
			if i := int(v&mask) - 1; i >= start && s.same(t.keys[i], k) {
				return i
			}
		}
	}
}

// add appends k, which is not among the keys from start on, and returns its
// index.
func (t *keySet) add(s *scanner, start int, k span) int {
	v := extend(s, &t.keys)
	v.at, v.len = k.at, k.len
	i := len(t.keys) - 1
	n := len(t.keys) - start
	if n <= smallObject {
		return i
	}
	if n == smallObject+1 {
		t.large = append(t.large, run{start, 0})
	}
	if len(t.keys) > len(t.slots)/4*3 {
		t.lengthen(s)
	}
	r := &t.large[len(t.large)-1]
	for ; r.n < n; r.n++ {
		t.insert(s, start, start+r.n)
	}
	return i
}

// lengthen makes the table longer. The order of insertion stays that of the
// stack.
func (t *keySet) lengthen(s *scanner) {
	t.slots = make([]uint32, 1<<bits.Len(uint(cap(t.keys)/3*4)))
	for _, r := range t.large {
		for i := range r.n {
			t.insert(s, r.start, r.start+i)
		}
	}
}

func (t *keySet) insert(s *scanner, start, i int) {
	h, mask := s.hash(start, t.keys[i]), uint32(len(t.slots)-1)
	p := uint32(h)
	for t.slots[p&mask] != 0 {
		p++
	}
	t.slots[p&mask] = uint32(h>>32)&^mask | uint32(i+1)
}

// truncate removes the keys from start on.
func (t *keySet) truncate(s *scanner, start int) {
	for n := len(t.large) - 1; n >= 0 && t.large[n].start >= start; n-- {
		t.remove(s, t.large[n])
		t.large = t.large[:n]
	}
	t.keys = t.keys[:start]
}

// remove takes keys out of the table, the last first.
func (t *keySet) remove(s *scanner, r run) {
	if len(t.large) == 1 && r.n > len(t.slots)/8 {
		clear(t.slots)
		return
	}
	mask := uint32(len(t.slots) - 1)
	for i := r.start + r.n - 1; i >= r.start; i-- {
		p := uint32(s.hash(r.start, t.keys[i]))
		for t.slots[p&mask]&mask != uint32(i+1) {
			p++
		}
		t.slots[p&mask] = 0
	}
}

// seed is chosen when the process starts, so that the sender of a request cannot
// aim for collisions.
var seed = maphash.MakeSeed()

// hash returns the hash of a key of an object. The object is part of the hash,
// so that nested objects with the same keys do not collide.
func (s *scanner) hash(start int, k span) uint64 {
	return maphash.Bytes(seed, s.bytes(k)) ^ uint64(start)*0x9e3779b97f4a7c15
}
