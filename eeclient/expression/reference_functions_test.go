package expression

import (
	"slices"
	"strings"
)

func (c *slowChecker) definition(t *tree, path string) {
	if !c.is(t, '{', path) {
		c.loose = true
		return
	}
	var names []string
	bodyAt := -1
	broken := c.fields(t, path, "FunctionDefinition", func(field, path string, v *tree) bool {
		if field == "body" {
			bodyAt = len(c.edges)
			c.key(v, path, nil)
			return true
		}
		if !c.is(v, '[', path) {
			c.loose = true
			return true
		}
		for i, e := range v.elems {
			name, ok := c.text(e, at(path, i))
			names = append(names, name)
			c.loose = c.loose || !ok
		}
		return true
	})
	c.loose = c.loose || broken
	if bodyAt < 0 {
		c.find(path+".body", ruleRequired)
	} else if bodyAt < len(c.edges) {
		c.edges[bodyAt].binds = names
	}
}

func (c *slowChecker) invocation(v *value, t *tree, path string) {
	if !c.is(t, '{', path) {
		return
	}
	function, readable := "", true
	place := len(c.calls)
	c.fields(t, path, "FunctionInvocation", func(field, path string, f *tree) bool {
		if field == "arguments" {
			if c.is(f, '{', path) {
				v.arguments = c.nodeMap(f, path, true)
			} else {
				readable = false
			}
			return true
		}
		if function != "" {
			c.find(path, ruleTwoFunctions)
			return false
		}
		function = field
		if field == "functionReference" {
			c.key(f, path, nil)
		} else {
			v.text, _ = c.text(f, path)
			v.text = strings.TrimPrefix(v.text, "algorithms/")
			v.at = path
		}
		return true
	})
	for _, m := range t.members {
		if field, _ := fieldOf("FunctionInvocation", m.name); field == "" {
			readable = false
		}
	}
	switch {
	case function == "":
		c.find(path, ruleNoFunction)
	case v.text != "":
		c.calls = slices.Insert(c.calls, place, v) // before those inside it
		c.call(v, path, readable)
	}
}
