package eetest

import (
	"encoding/json"
	"strings"
	"sync"

	"example.com/eeexport/eeclient/expression"
)

// algorithms is the answer to ListAlgorithms, which Earth Engine's client for
// JavaScript needs before it builds an expression.
var algorithms = sync.OnceValue(func() []byte {
	type argument struct {
		Name     string `json:"argumentName"`
		Type     string `json:"type"`
		Optional bool   `json:"optional,omitempty"`
	}
	type algorithm struct {
		Name      string     `json:"name"`
		Returns   string     `json:"returnType"`
		Arguments []argument `json:"arguments"`
	}
	var list struct {
		Algorithms []algorithm `json:"algorithms"`
	}
	for line := range strings.Lines(expression.Algorithms) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		a := algorithm{Name: "algorithms/" + columns[0], Returns: columns[1]}
		for _, column := range columns[3:] {
			name, kind, _ := strings.Cut(column, ":")
			name, optional := strings.CutSuffix(name, "?")
			a.Arguments = append(a.Arguments, argument{name, kind, optional})
		}
		list.Algorithms = append(list.Algorithms, a)
	}
	body, err := json.Marshal(list)
	if err != nil {
		panic(err) // it holds strings alone
	}
	return body
})
