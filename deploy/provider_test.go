package deploy_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

var moduleDirs = []string{moduleDir, basicDir, teamsDir}

// arguments are those of one block in the provider's schema.
type arguments struct{ known, required, blocks map[string]bool }

// schema reads a file of testdata.
func schema(t testing.TB, name string) map[string]arguments {
	t.Helper()
	all := map[string]arguments{}
	for line := range strings.Lines(read(t, name)) {
		path, names, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		a := arguments{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		for _, name := range strings.Fields(names) {
			bare := strings.TrimRight(name, "{}!")
			a.known[bare] = true
			a.required[bare] = strings.HasSuffix(name, "!")
			a.blocks[bare] = strings.Contains(name, "{}")
		}
		all[path] = a
	}
	return all
}

// TestBothMajorsOfTheProviderKnowEveryArgument compares the module with the
// schemas of the oldest provider that it allows, and of the next major.
func TestBothMajorsOfTheProviderKnowEveryArgument(t *testing.T) {
	for _, name := range []string{"testdata/google-6.37.txt", "testdata/google-7.txt"} {
		known := schema(t, name)
		for _, b := range parseModule(t, moduleDir).blocks {
			if (b.Type == "resource" || b.Type == "data") && strings.HasPrefix(b.Labels[0], "google_") {
				checkArguments(t, name, known, b.Labels[0], b.Body)
			}
		}
	}
}

func checkArguments(t *testing.T, name string, schema map[string]arguments, path string, b *hclsyntax.Body) {
	t.Helper()
	a, ok := schema[path]
	if !ok {
		t.Errorf("%s: no %s", name, path)
		return
	}
	given := map[string]bool{}
	for attr := range b.Attributes {
		given[attr] = true
		if !slices.Contains([]string{"for_each", "count", "depends_on"}, attr) && (!a.known[attr] || a.blocks[attr]) {
			t.Errorf("%s: %s has no argument %s", name, path, attr)
		}
	}
	for _, inner := range b.Blocks {
		kind, content := inner.Type, inner.Body
		if kind == "dynamic" {
			kind, content = inner.Labels[0], inner.Body.Blocks[0].Body
		}
		given[kind] = true
		if !a.blocks[kind] {
			t.Errorf("%s: %s has no block %s", name, path, kind)
			continue
		}
		checkArguments(t, name, schema, path+"/"+kind, content)
	}
	for attr, required := range a.required {
		if required && !given[attr] {
			t.Errorf("%s: %s lacks %s", name, path, attr)
		}
	}
}

func TestVersionsAreBounded(t *testing.T) {
	for _, dir := range moduleDirs {
		for _, b := range parseModule(t, dir).all("terraform") {
			if b.Body.Attributes["required_version"] == nil {
				t.Errorf("%s: any Terraform will do", dir)
			}
			for _, providers := range b.Body.Blocks {
				for name, attr := range providers.Body.Attributes {
					v, _ := attr.Expr.Value(nil)
					version := v.GetAttr("version").AsString()
					if name == "google" && version != ">= 6.37, < 8" || name != "google" && !strings.HasPrefix(version, "~> ") {
						t.Errorf("%s: %s is %s", dir, name, version)
					}
				}
			}
		}
	}
}

func TestTerraformIsFormatted(t *testing.T) {
	var names []string
	for _, pattern := range []string{"*.tf", "*/*.tftest.hcl", "*/*/*.tf"} {
		found, err := filepath.Glob(filepath.Join(moduleDir, pattern))
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %v", pattern, err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		if text := read(t, name); string(hclwrite.Format([]byte(text))) != text {
			t.Errorf("terraform fmt would change %s", name)
		}
	}
}
