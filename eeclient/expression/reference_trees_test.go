package expression

import (
	"math/big"
	"regexp"
	"strings"
)

// trees checks the constant texts that are given to the functions that parse
// trees.
func (c *slowChecker) trees() {
	seen := map[string]bool{}
	for _, v := range c.calls {
		name, parses := map[string]string{"Classifier.decisionTree": "treeString", "Classifier.decisionTreeEnsemble": "treeStrings"}[v.text]
		if !parses {
			continue
		}
		if from := c.origin(v.arguments[name], seen); from != nil {
			if from.kind == "arrayValue" {
				for _, e := range from.elems {
					c.texts(c.origin(e, seen))
				}
			} else {
				c.texts(from)
			}
		}
	}
}

// origin returns the node that the value comes from, each that is an entry once.
func (c *slowChecker) origin(v *value, seen map[string]bool) *value {
	for v != nil {
		switch {
		case v.kind == "functionInvocationValue" && v.text == "String":
			v = v.arguments["input"]
		case v.open && seen["argument "+v.text]:
			return nil
		case v.open:
			seen["argument "+v.text] = true
			return v
		case v.kind != "valueReference" || v.text == "":
			return v
		case seen[v.text]:
			return nil
		default:
			seen[v.text] = true
			v = c.entries[v.text]
		}
	}
	return nil
}

func (c *slowChecker) texts(v *value) {
	if v == nil || v.kind != "constantValue" {
		return
	}
	list := []*tree{v.json}
	if v.json.kind == '[' {
		list = v.json.elems
	}
	for i, t := range list {
		path := v.at
		if v.json.kind == '[' && !v.open {
			path = at(path, i)
		}
		if t.kind == '"' {
			for _, r := range slowTrees(t.text) {
				c.find(path, r)
			}
		}
	}
}

var nodeLine = regexp.MustCompile(`^[ \t\r]*([0-9]+)\)`)

// slowTrees reads a text of trees with a stack of the right children to come.
func slowTrees(text string) (broken []rule) {
	var stack []*big.Int // the number to come is on top; empty between trees
	one := big.NewInt(1)
	skipping, any := false, false
	lines := strings.Split(text, "\n")
	for _, line := range lines {
		m := nodeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		any = true
		n, _ := new(big.Int).SetString(m[1], 10)
		if n.Cmp(one) == 0 {
			if len(stack) > 0 && !skipping {
				broken = append(broken, ruleTreeOrder)
			}
			skipping, stack = false, []*big.Int{one}
		}
		if skipping {
			continue
		}
		if len(stack) == 0 || stack[len(stack)-1].Cmp(n) != 0 {
			broken = append(broken, ruleTreeOrder)
			skipping = true
			continue
		}
		stack = stack[:len(stack)-1]
		if strings.HasSuffix(strings.TrimRight(line, " \t\r"), "*") {
			continue
		}
		left := new(big.Int).Mul(n, big.NewInt(2))
		if left.BitLen() > 64 {
			skipping = true
			continue
		}
		stack = append(stack, new(big.Int).Add(left, one), left)
	}
	if !any {
		return []rule{ruleNoTree}
	}
	if len(stack) > 0 && !skipping {
		broken = append(broken, ruleTreeEnd)
	}
	return broken
}
