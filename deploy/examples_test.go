package deploy_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestExamplesCallTheModule(t *testing.T) {
	module := parseModule(t, moduleDir)
	for _, dir := range []string{basicDir, teamsDir} {
		call := parseModule(t, dir).all("module")[0]
		for name := range call.Body.Attributes {
			known := slices.ContainsFunc(module.all("variable"), func(b *hclsyntax.Block) bool { return b.Labels[0] == name })
			if !known && name != "source" && name != "for_each" {
				t.Errorf("%s: the module has no variable %s", dir, name)
			}
		}
		if source, _ := call.Body.Attributes["source"].Expr.Value(nil); filepath.Join(dir, source.AsString()) != moduleDir {
			t.Errorf("%s calls %s", dir, source.AsString())
		}
	}
}
