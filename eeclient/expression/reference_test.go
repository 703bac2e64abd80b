package expression

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The checker in this file implements the rules from their description,
// independently of the one under test: it builds a tree, recurses, keeps
// strings in maps and searches the whole graph anew for every name. Its
// findings are compared with those of Check by path and rule.

// A verdict is a finding as both checkers have it.
type verdict struct {
	path string
	rule rule
}

// A tree is a JSON value.
type tree struct {
	kind    jsontext.Kind
	text    string // of a string, unescaped, or of a number
	members []treeMember
	elems   []*tree
}

type treeMember struct {
	name  string
	value *tree
}

// parse builds a tree, or returns the error of the library.
func parse(data []byte) (*tree, error) {
	d := jsontext.NewDecoder(strings.NewReader(string(data)), jsontext.AllowDuplicateNames(true))
	t, err := parseValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err == nil {
		return nil, fmt.Errorf("trailing data")
	} else if err.Error() != "EOF" {
		return nil, err
	}
	return t, nil
}

func parseValue(d *jsontext.Decoder) (*tree, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	t := &tree{kind: token.Kind()}
	switch t.kind {
	case '"', '0':
		t.text = token.String()
	case '{':
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			t.members = append(t.members, treeMember{key, value})
		}
		_, err = d.ReadToken()
	case '[':
		for d.PeekKind() != ']' {
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			t.elems = append(t.elems, value)
		}
		_, err = d.ReadToken()
	}
	return t, err
}

// schema maps each message's fields to the message of their values.
var schema = map[string]map[string]string{
	"Expression": {"result": "key", "values": "map"},
	"ValueNode": {
		"constantValue": "constant", "integerValue": "integer", "bytesValue": "bytes",
		"arrayValue": "ArrayValue", "dictionaryValue": "DictionaryValue",
		"functionDefinitionValue": "FunctionDefinition", "functionInvocationValue": "FunctionInvocation",
		"argumentReference": "name", "valueReference": "key",
	},
	"ArrayValue":         {"values": "list"},
	"DictionaryValue":    {"values": "map"},
	"FunctionDefinition": {"argumentNames": "names", "body": "key"},
	"FunctionInvocation": {"functionName": "name", "functionReference": "key", "arguments": "map"},
}

var upper = regexp.MustCompile(`[A-Z]`)

// fieldOf finds a field of a message by either of its names.
func fieldOf(message, name string) (field, kind string) {
	for f, k := range schema[message] {
		snake := upper.ReplaceAllStringFunc(f, func(c string) string { return "_" + strings.ToLower(c) })
		if name == f || name == snake {
			return f, k
		}
	}
	return "", ""
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// into writes the path of a member.
func into(path, message, name string) string {
	if schema[message] != nil && plainName.MatchString(name) {
		return path + "." + name
	}
	return path + "[" + quote([]byte(name)) + "]"
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// contextOf says what a member of something is: a message, "map", "list",
// "names", a kind of scalar, or "" for JSON without a meaning.
func contextOf(context, name string) string {
	if context == "map" {
		return "ValueNode"
	}
	_, kind := fieldOf(context, name)
	return kind
}

// fits drops a context that does not fit the JSON it is given to.
func fits(t *tree, context string) string {
	switch {
	case t.kind == '{' && (schema[context] != nil || context == "map"):
		return context
	case t.kind == '[' && (context == "list" || context == "names"):
		return context
	}
	return ""
}

var integer = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func slowInt64(text string) bool {
	if !integer.MatchString(text) || len(text) > maxNumberBytes {
		return false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	m, _ := new(big.Rat).SetString(mantissa)
	if m.Sign() == 0 {
		return true
	}
	if e, err := strconv.Atoi(exponent); exponent != "" && (err != nil || e < -1000 || e > 1000) {
		return false
	}
	m, _ = new(big.Rat).SetString(text)
	return m.IsInt() && m.Num().IsInt64()
}

func slowBase64(text string) bool {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if _, err := e.DecodeString(text); err == nil && !strings.ContainsAny(text, "\r\n") {
			return true
		}
	}
	return false
}
