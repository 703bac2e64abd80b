package console

// ring keeps the newest values, each under a key.
type ring[V any] struct {
	most  int
	keys  []string
	byKey map[string]V
}

func newRing[V any](most int) ring[V] {
	return ring[V]{most: most, byKey: make(map[string]V)}
}

func (r *ring[V]) get(key string) (V, bool) {
	v, ok := r.byKey[key]
	return v, ok
}

// put adds a value, or replaces the one under its key.
func (r *ring[V]) put(key string, v V) {
	if _, known := r.byKey[key]; !known {
		r.keys = append(r.keys, key)
	}
	r.byKey[key] = v
	if len(r.keys) > r.most {
		delete(r.byKey, r.keys[0])
		r.keys = r.keys[1:]
	}
}

// all returns the values, oldest first.
func (r *ring[V]) all() []V {
	values := make([]V, len(r.keys))
	for i, key := range r.keys {
		values[i] = r.byKey[key]
	}
	return values
}
