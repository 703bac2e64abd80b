// Package examples holds real requests of projects.classifier.export, as the
// official Earth Engine Python client builds them, with the project added.
package examples

import "embed"

//go:embed *.json
var files embed.FS

// The requests, by the name of their file.
const (
	RandomForest         = "random-forest-trained.json"
	Cart                 = "cart-trained.json"
	DecisionTreeEnsemble = "decision-tree-ensemble.json"
	NestedMapFunctions   = "nested-map-functions.json"
	PriorityAndOverwrite = "with-priority-overwrite.json"
	LegacyUserAsset      = "legacy-user-asset.json"
	// SVM is a well-formed classifier that Earth Engine cannot export.
	SVM = "svm-trained.json"
)

// Project is the project that all of them name.
const Project = "my-project"

// Request returns the bytes of one. It panics if there is none of that name.
func Request(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("examples: " + err.Error())
	}
	return body
}

// Names lists all of them, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("examples: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}
