package expression

import "slices"

// graph checks what the entries are to each other.
func (c *slowChecker) graph(result edge) {
	if result.to != "" {
		c.resolve(result)
	}
	for _, e := range c.edges {
		c.resolve(e)
	}
	color := map[string]int{}
	if c.has(result.to) && result.to != "" {
		c.visit(result.to, color)
	}
	reached := map[string]bool{}
	for k := range color {
		reached[k] = true
	}
	cycles := len(c.found)
	for _, k := range c.keys {
		c.visit(k, color)
	}
	cyclic := len(c.found) > cycles || slices.ContainsFunc(c.found, func(v verdict) bool { return v.rule == ruleCycle })
	if !cyclic && result.to != "" && c.has(result.to) {
		if !c.loose {
			c.scope(result.to, reached)
		}
		if c.level == Strict {
			c.strict(c.entries[result.to])
		}
	}
	if c.level == Strict {
		c.trees()
	}
}

func (c *slowChecker) has(key string) bool {
	_, ok := c.entries[key]
	return ok
}

func (c *slowChecker) resolve(e edge) {
	if !c.has(e.to) {
		c.find(e.path, ruleDangling)
	}
}

// visit searches depth first; an edge to an entry that is still being visited
// closes a cycle.
func (c *slowChecker) visit(key string, color map[string]int) {
	if color[key] != 0 {
		return
	}
	color[key] = 1
	for _, e := range c.edges {
		if e.from != key || !c.has(e.to) {
			continue
		}
		if color[e.to] == 1 {
			c.find(e.path, ruleCycle)
		}
		c.visit(e.to, color)
	}
	color[key] = 2
}

// scope checks for each use separately whether there is a way from result to it
// on which nothing binds its name, and whether there is one on which something
// does.
func (c *slowChecker) scope(root string, reached map[string]bool) {
	open := map[string]bool{}
	for name, value := range c.filled {
		values := &slowChecker{}
		values.skip(value, "", "")
		used := slices.ContainsFunc(c.uses, func(u argument) bool { return u.name == name })
		if len(values.found) > 0 && used {
			c.find("arguments."+name, ruleNotConstant)
			c.filled[name] = &tree{kind: 'n'}
		}
	}
	for _, u := range c.uses {
		if !reached[u.in] || !c.exposed(root, u.in, u.name, map[string]bool{}) {
			continue
		}
		partly := false
		for _, e := range c.edges {
			if reached[e.from] && c.has(e.to) && slices.Contains(e.binds, u.name) && c.exposed(e.to, u.in, "", map[string]bool{}) {
				partly = true
			}
		}
		open[u.name] = open[u.name] || !partly
		_, given := c.filled[u.name]
		switch {
		case partly:
			c.find(u.path, rulePartlyBound)
		case len(c.filled) == 0:
			c.find(u.path, ruleUnbound)
		case !given:
			c.find(u.path, ruleNotGiven)
		default:
			u.node.kind, u.node.json, u.node.open = "constantValue", c.filled[u.name], true
		}
	}
	for name := range c.filled {
		if !open[name] {
			c.find("arguments."+name, ruleNotOpen)
		}
	}
}

func (c *slowChecker) exposed(from, to, name string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, e := range c.edges {
		if e.from == from && c.has(e.to) && !slices.Contains(e.binds, name) && c.exposed(e.to, to, name, seen) {
			return true
		}
	}
	return false
}
