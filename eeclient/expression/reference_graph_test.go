package expression

import (
	"slices"
	"strings"
)

// graph checks what the entries are to each other.
func (c *slowChecker) graph(result edge, level Level) {
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
	if cyclic || result.to == "" || !c.has(result.to) {
		return
	}
	if !c.loose {
		c.scope(result.to, reached)
	}
	if level == Strict {
		c.strict(c.entries[result.to])
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

// scope asks of each use by itself whether there is a way from result to it
// on which nothing binds its name.
func (c *slowChecker) scope(root string, reached map[string]bool) {
	for _, u := range c.uses {
		if !reached[u.in] || !c.exposed(root, u.in, u.name, map[string]bool{}) {
			continue
		}
		r := ruleUnbound
		for _, e := range c.edges {
			if reached[e.from] && slices.Contains(e.binds, u.name) {
				r = rulePartlyBound
			}
		}
		c.find(u.path, r)
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

// strict follows the classifier by the description of the rule.
func (c *slowChecker) strict(v *value) {
	if v == nil {
		return
	}
	switch v.kind {
	case "constantValue", "integerValue", "bytesValue", "arrayValue", "dictionaryValue", "functionDefinitionValue":
		c.find(v.path, ruleNotClassifier)
		return
	case "valueReference":
		if v.text != "" {
			c.strict(c.entries[v.text])
		}
		return
	case "functionInvocationValue":
	default:
		return
	}
	name := strings.TrimPrefix(v.text, "algorithms/")
	switch name {
	case "Classifier.train", "Classifier.setOutputMode":
		if next, ok := v.arguments["classifier"]; ok {
			c.strict(next)
		} else {
			c.find(v.at, ruleNoClassifier)
		}
	case "Classifier.smileRandomForest", "Classifier.smileCart", "Classifier.decisionTree", "Classifier.decisionTreeEnsemble", "Classifier.load", "Classifier.":
	default:
		for _, f := range others {
			if f.name == name {
				c.find(v.at, ruleNotClassifier)
				return
			}
		}
		if strings.HasPrefix(name, "Classifier.") {
			c.find(v.at, ruleNotExportable)
		}
	}
}
