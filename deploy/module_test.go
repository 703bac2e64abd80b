package deploy_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// module is a Terraform module as it is written.
type module struct {
	dir    string
	files  map[string][]byte
	blocks []*hclsyntax.Block
}

func parseModule(t testing.TB, dir string) *module {
	t.Helper()
	m := &module{dir: dir, files: map[string][]byte{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no module in %s: %v", dir, err)
	}
	for _, name := range names {
		m.files[name] = []byte(read(t, name))
		file, diags := hclsyntax.ParseConfig(m.files[name], name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		m.blocks = append(m.blocks, file.Body.(*hclsyntax.Body).Blocks...)
	}
	return m
}

// all returns the blocks of a type, such as variable.
func (m *module) all(kind string) (found []*hclsyntax.Block) {
	for _, b := range m.blocks {
		if b.Type == kind {
			found = append(found, b)
		}
	}
	return found
}

// convert returns a variable's value as Terraform reads it: of the variable's
// type, with the defaults of optional attributes.
func (m *module) convert(name string, value cty.Value) (cty.Value, error) {
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(m.body(name).Attributes["type"].Expr)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	if defaults != nil && !value.IsNull() {
		value = defaults.Apply(value)
	}
	return convert.Convert(value, typ)
}

// validate returns the error message of the first validation of a variable that
// does not hold. A validation may look at the other variables too.
func (m *module) validate(name string, vars map[string]cty.Value) error {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(vars)}, Functions: functions}
	for _, b := range m.body(name).Blocks {
		condition := b.Body.Attributes["condition"].Expr
		ok, diags := condition.Value(ctx)
		if diags = append(diags, bothSides(condition, ctx)...); diags.HasErrors() {
			return diags
		}
		if ok.False() {
			message, _ := b.Body.Attributes["error_message"].Expr.Value(ctx)
			return errors.New(message.AsString())
		}
	}
	return nil
}

// bothSides evaluates both operands of || and &&, as Terraform did before 1.12:
// the right operand must be valid whatever the left one is.
func bothSides(e hclsyntax.Expression, ctx *hcl.EvalContext) hcl.Diagnostics {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return bothSides(e.Expression, ctx)
	case *hclsyntax.BinaryOpExpr:
		if e.Op == hclsyntax.OpLogicalOr || e.Op == hclsyntax.OpLogicalAnd {
			return append(bothSides(e.LHS, ctx), bothSides(e.RHS, ctx)...)
		}
	}
	_, diags := e.Value(ctx)
	return diags
}

func (m *module) body(variable string) *hclsyntax.Body {
	i := slices.IndexFunc(m.blocks, func(b *hclsyntax.Block) bool { return b.Type == "variable" && b.Labels[0] == variable })
	return m.blocks[i].Body
}

// values returns all variables: those that are given, and the defaults.
func (m *module) values(given map[string]cty.Value) (map[string]cty.Value, error) {
	vars := map[string]cty.Value{}
	for _, b := range m.all("variable") {
		name := b.Labels[0]
		v, ok := given[name]
		if d := b.Body.Attributes["default"]; !ok && d != nil {
			v, _ = d.Expr.Value(nil)
		} else if !ok {
			return nil, fmt.Errorf("%s is required", name)
		}
		var err error
		if vars[name], err = m.convert(name, v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return vars, nil
}

// given reads the values of variables, each an HCL expression.
func given(t testing.TB, values map[string]string) map[string]cty.Value {
	t.Helper()
	all := map[string]cty.Value{}
	for name, text := range values {
		all[name] = expr(t, text)
	}
	return all
}

func expr(t testing.TB, text string) cty.Value {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(text), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, diags := e.Value(&hcl.EvalContext{Functions: functions})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}
