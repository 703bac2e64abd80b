package expression

import (
	"github.com/go-json-experiment/json/jsontext"
)

// An edge leads from one entry to another; binds are the names that are bound
// by following it.
type edge struct {
	from, to string
	path     string
	binds    []string
}

type argument struct {
	in, name, path string
	node           *value
}

// A value is a ValueNode that made sense, as far as it did.
type value struct {
	kind, text, path, at string
	json                 *tree // of a constant
	elems                []*value
	arguments            map[string]*value
	open                 bool // an argumentReference that no definition binds
}

type slowChecker struct {
	level   Level
	filled  map[string]*tree // the request's arguments
	calls   []*value         // of functions by their names, in the document's order
	found   []verdict
	keys    []string
	entries map[string]*value
	edges   []edge
	uses    []argument
	entry   string // the current one
	loose   bool
	valid   bool // values is an object
}

func (c *slowChecker) find(path string, x rule) { c.found = append(c.found, verdict{path, x}) }

// slowCheck returns all findings, in no particular order.
func slowCheck(data []byte, level Level, arguments map[string]string) (*slowChecker, error) {
	t, err := parse(data)
	if err != nil {
		return nil, err
	}
	c := &slowChecker{entries: map[string]*value{}, level: level, filled: map[string]*tree{}}
	for name, json := range arguments {
		if c.filled[name], err = parse([]byte(json)); err != nil {
			panic(err)
		}
	}
	switch {
	case t.kind == '"':
		c.find("expression", rulePastedText)
	case t.kind != '{':
		c.find("expression", ruleWrongType)
		c.skip(t, "expression", "")
	case level == Off:
		c.skip(t, "expression", "Expression")
	default:
		c.expression(t)
	}
	return c, nil
}

// skip looks for repeated keys in what is not interpreted. The context is for
// the sake of paths.
func (c *slowChecker) skip(t *tree, path, context string) {
	context = fits(t, context)
	seen := map[string]bool{}
	for _, m := range t.members {
		p := into(path, context, m.name)
		if seen[m.name] {
			c.find(p, ruleDuplicateKey)
		}
		seen[m.name] = true
		c.skip(m.value, p, contextOf(context, m.name))
	}
	for i, e := range t.elems {
		c.skip(e, at(path, i), map[string]string{"list": "ValueNode"}[context])
	}
}

// fields goes over an object that is a message. Each field that is set is given
// to take, once; take reports whether it has looked into the value.
func (c *slowChecker) fields(t *tree, path, message string, take func(field, path string, v *tree) bool) (broken bool) {
	seen := map[string]bool{}
	for _, m := range t.members {
		p := into(path, message, m.name)
		field, _ := fieldOf(message, m.name)
		id := field
		if field == "" {
			id = "unknown " + m.name
		}
		switch {
		case seen[id]:
			c.find(p, ruleDuplicateKey)
			broken = true
		case field == "":
			c.find(p, ruleUnknownField)
			broken = true
		case m.value.kind == 'n' && field != "constantValue":
			seen[id] = true
			continue
		default:
			seen[id] = true
			if take(field, p, m.value) {
				continue
			}
		}
		seen[id] = true
		c.skip(m.value, p, contextOf(message, m.name))
	}
	return broken
}

// is reports whether v is of a kind, and finds fault and skips it if not.
func (c *slowChecker) is(v *tree, kind jsontext.Kind, path string) bool {
	if v.kind == kind {
		return true
	}
	c.find(path, ruleWrongType)
	c.skip(v, path, "")
	return false
}

// text returns a string that must not be empty.
func (c *slowChecker) text(v *tree, path string) (string, bool) {
	if !c.is(v, '"', path) {
		return "", false
	}
	if v.text == "" {
		c.find(path, ruleEmptyText)
		return "", false
	}
	return v.text, true
}

func (c *slowChecker) expression(t *tree) {
	if form := mistaken(t); form != 0 {
		c.find("expression", form)
		return
	}
	var result edge
	given := map[string]bool{}
	c.fields(t, "expression", "Expression", func(field, path string, v *tree) bool {
		given[field] = true
		if field == "result" {
			result.path = path
			result.to, _ = c.text(v, path)
		} else if c.is(v, '{', path) {
			c.valid = true
			c.values(v, path)
		}
		return true
	})
	for _, field := range []string{"result", "values"} {
		if !given[field] {
			c.find("expression."+field, ruleRequired)
		}
	}
	if c.valid {
		c.graph(result)
	}
}

func (c *slowChecker) values(t *tree, path string) {
	for _, m := range t.members {
		p := into(path, "map", m.name)
		if _, ok := c.entries[m.name]; ok {
			c.find(p, ruleDuplicateKey)
			c.skip(m.value, p, "ValueNode")
			continue
		}
		if m.name == "" {
			c.find(p, ruleEmptyText)
		}
		c.keys = append(c.keys, m.name)
		c.entries[m.name] = nil
		c.entry = m.name
		c.entries[m.name] = c.node(m.value, p)
	}
}

// nodeMap reads a dictionary or arguments.
func (c *slowChecker) nodeMap(t *tree, path string, named bool) map[string]*value {
	nodes := map[string]*value{}
	for _, m := range t.members {
		p := into(path, "map", m.name)
		if _, ok := nodes[m.name]; ok {
			c.find(p, ruleDuplicateKey)
			c.skip(m.value, p, "ValueNode")
			continue
		}
		if named && m.name == "" {
			c.find(p, ruleEmptyText)
		}
		nodes[m.name] = c.node(m.value, p)
	}
	return nodes
}

func (c *slowChecker) node(t *tree, path string) *value {
	v := &value{path: path}
	if t.kind == 'n' {
		c.find(path, ruleNullNode)
		return v
	}
	if !c.is(t, '{', path) {
		return v
	}
	c.fields(t, path, "ValueNode", func(field, path string, f *tree) bool {
		if v.kind != "" {
			c.find(path, ruleTwoKinds)
			return false
		}
		v.kind, v.at = field, path
		switch field {
		case "constantValue":
			c.skip(f, path, "")
			v.json = f
		case "integerValue":
			if f.kind != '"' && f.kind != '0' {
				c.is(f, '0', path)
			} else if !slowInt64(f.text) {
				c.find(path, ruleInteger)
			}
		case "bytesValue":
			if c.is(f, '"', path) && !slowBase64(f.text) {
				c.find(path, ruleBase64)
			}
		case "argumentReference":
			if name, ok := c.text(f, path); ok {
				v.text = name
				c.uses = append(c.uses, argument{c.entry, name, path, v})
			}
		case "valueReference":
			v.text = c.key(f, path, nil)
		case "functionDefinitionValue":
			c.definition(f, path)
		case "functionInvocationValue":
			c.invocation(v, f, path)
		default:
			c.collection(v, field, f, path)
		}
		return true
	})
	if v.kind == "" {
		c.find(path, ruleEmptyNode)
	}
	return v
}

// key reads a reference to an entry.
func (c *slowChecker) key(t *tree, path string, binds []string) string {
	key, ok := c.text(t, path)
	if ok {
		c.edges = append(c.edges, edge{c.entry, key, path, binds})
	}
	return key
}

func (c *slowChecker) collection(node *value, field string, t *tree, path string) {
	message := map[string]string{"arrayValue": "ArrayValue", "dictionaryValue": "DictionaryValue"}[field]
	if !c.is(t, '{', path) {
		return
	}
	c.fields(t, path, message, func(_, path string, v *tree) bool {
		if field == "dictionaryValue" {
			if c.is(v, '{', path) {
				c.nodeMap(v, path, false)
			}
		} else if c.is(v, '[', path) {
			for i, e := range v.elems {
				node.elems = append(node.elems, c.node(e, at(path, i)))
			}
		}
		return true
	})
}
