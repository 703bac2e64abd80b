// Package requests holds real requests of projects.classifier.export, as the
// official Earth Engine Python client builds them, with the project added.
// Tests, demos and documentation share them.
package requests

import "embed"

//go:embed *.json
var files embed.FS

// Names of requests that represent a particular case; [Names] returns all.
const (
	RandomForest         = "random-forest-trained.json"
	Cart                 = "cart-trained.json"
	DecisionTreeEnsemble = "decision-tree-ensemble.json"
	PriorityAndOverwrite = "with-priority-overwrite.json"
	// SVM is a well-formed classifier that Earth Engine cannot export.
	SVM = "svm-trained.json"
)

// Project is the project that all requests name.
const Project = "my-project"

// Get returns the bytes of the named request. It panics if there is none.
func Get(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("requests: " + err.Error())
	}
	return body
}

// Names returns the names of all requests, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("requests: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}
