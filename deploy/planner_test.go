package deploy_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// planner evaluates a module without Terraform and its providers, which a test
// cannot rely on. Values that only the cloud knows are stand-ins.
type planner struct {
	t      testing.TB
	module *module
	scope  map[string]cty.Value
}

// planModule returns what the module would make of the given variables.
func planModule(t testing.TB, dir string, given map[string]cty.Value) plan {
	t.Helper()
	p := &planner{t: t, module: parseModule(t, dir)}
	vars, err := p.module.values(given)
	for name := range vars {
		err = errors.Join(err, p.module.validate(name, vars))
	}
	if err != nil {
		t.Fatal(err)
	}
	dirValue := cty.StringVal(dir)
	p.scope = map[string]cty.Value{
		"var":  cty.ObjectVal(vars),
		"path": cty.ObjectVal(map[string]cty.Value{"module": dirValue, "root": dirValue}),
	}
	p.resolve()
	var made plan
	for _, b := range p.module.blocks {
		if b.Type != "resource" && b.Type != "data" {
			continue
		}
		all, _ := p.instances(b)
		for key, each := range all {
			made = append(made, instance{b.Labels[0], b.Labels[1], key, p.evaluate(b.Body, each)})
		}
	}
	return made
}

// resolve fills the scope with locals and with stand-ins for resources. Both
// may need each other, so it goes on for as long as there is progress.
func (p *planner) resolve() {
	todo := map[string]func() (cty.Value, bool){}
	for _, b := range p.module.blocks {
		switch b.Type {
		case "locals":
			for name, attr := range b.Body.Attributes {
				todo["local."+name] = func() (cty.Value, bool) {
					v, diags := attr.Expr.Value(p.context(nil))
					return v, !diags.HasErrors() && v.IsWhollyKnown()
				}
			}
		case "resource":
			todo[strings.Join(b.Labels, ".")] = func() (cty.Value, bool) { return p.standIn(b) }
		case "data":
			todo["data."+strings.Join(b.Labels, ".")] = func() (cty.Value, bool) { return p.standIn(b) }
		}
	}
	for progress := true; progress && len(todo) > 0; {
		progress = false
		for address, make := range todo {
			if v, ok := make(); ok {
				progress = true
				delete(todo, address)
				p.scope = with(p.scope, strings.Split(address, "."), v)
			}
		}
	}
	if len(todo) > 0 {
		p.t.Fatalf("cannot be evaluated: %v", slices.Sorted(maps.Keys(todo)))
	}
}

// with returns the scope with a value at a path.
func with(scope map[string]cty.Value, path []string, v cty.Value) map[string]cty.Value {
	scope = maps.Clone(scope)
	if scope == nil {
		scope = map[string]cty.Value{}
	}
	if len(path) > 1 {
		inner := map[string]cty.Value{}
		if old, ok := scope[path[0]]; ok {
			inner = old.AsValueMap()
		}
		v = cty.ObjectVal(with(inner, path[1:], v))
	}
	scope[path[0]] = v
	return scope
}

// standIn is a resource as others see it.
func (p *planner) standIn(b *hclsyntax.Block) (cty.Value, bool) {
	each, ok := p.instances(b)
	made := map[string]cty.Value{}
	for key, each := range each {
		one, known := p.computed(b, each)
		made[key], ok = one, ok && known
	}
	switch {
	case !ok:
		return cty.NilVal, false
	case b.Body.Attributes["for_each"] != nil:
		return cty.ObjectVal(made), true
	case b.Body.Attributes["count"] != nil:
		return cty.TupleVal(slices.Collect(maps.Values(made))), true
	}
	return made[""], true
}

// computed returns what others read of a resource.
func (p *planner) computed(b *hclsyntax.Block, each map[string]cty.Value) (cty.Value, bool) {
	name := strings.Join(b.Labels, ".")
	for _, attr := range []string{"name", "account_id", "repository_id"} {
		a := b.Body.Attributes[attr]
		if a == nil || strings.HasSuffix(b.Labels[0], "_iam_member") {
			continue
		}
		v, diags := a.Expr.Value(p.context(each))
		if diags.HasErrors() || !v.IsWhollyKnown() {
			return cty.NilVal, false
		}
		name = v.AsString()
	}
	id, email := name, name+"@my-project.iam.gserviceaccount.com"
	switch b.Labels[0] {
	case "google_pubsub_topic":
		id = "projects/my-project/topics/" + name
	case "google_pubsub_subscription":
		id = "projects/my-project/subscriptions/" + name
	}
	s := cty.StringVal
	return cty.ObjectVal(map[string]cty.Value{
		"id": s(id), "name": s(name), "number": s("123456789"),
		"email": s(email), "member": s("serviceAccount:" + email),
		"output_md5": s("0123456789abcdef"), "output_path": s("source.zip"),
		"uri":            s("https://" + name + ".run.app"),
		"service_config": cty.TupleVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"service": s(name), "uri": s("https://" + name + ".run.app")})}),
	}), true
}

// instances returns the instances of a block, with the value of each in each,
// and reports whether they can be evaluated yet.
func (p *planner) instances(b *hclsyntax.Block) (map[string]map[string]cty.Value, bool) {
	for _, name := range []string{"count", "for_each"} {
		attr := b.Body.Attributes[name]
		if attr == nil {
			continue
		}
		v, diags := attr.Expr.Value(p.context(nil))
		switch {
		case diags.HasErrors():
			return nil, false
		case name == "for_each":
			return eachOf(v), true
		case v.AsBigFloat().Sign() == 0:
			return nil, true
		}
	}
	return map[string]map[string]cty.Value{"": nil}, true
}

func eachOf(v cty.Value) map[string]map[string]cty.Value {
	all := map[string]map[string]cty.Value{}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() || v.Type().IsTupleType() {
			key = value
		}
		all[key.AsString()] = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})}
	}
	return all
}

// evaluate returns a block's values, with dynamic blocks unrolled. each is what
// an expression sees besides the module: each, and the iterators of dynamic
// blocks.
func (p *planner) evaluate(from *hclsyntax.Body, each map[string]cty.Value) body {
	made := body{attrs: map[string]cty.Value{}, blocks: map[string][]body{}}
	for name, attr := range from.Attributes {
		if !slices.Contains([]string{"for_each", "count", "depends_on"}, name) {
			made.attrs[name] = p.value(attr.Expr, each)
		}
	}
	for _, b := range from.Blocks {
		if b.Type != "dynamic" {
			made.blocks[b.Type] = append(made.blocks[b.Type], p.evaluate(b.Body, each))
			continue
		}
		iterator := b.Labels[0]
		if attr := b.Body.Attributes["iterator"]; attr != nil {
			iterator = hcl.ExprAsKeyword(attr.Expr)
		}
		for it := p.value(b.Body.Attributes["for_each"].Expr, each).ElementIterator(); it.Next(); {
			key, value := it.Element()
			inner := with(each, []string{iterator}, cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}))
			made.blocks[b.Labels[0]] = append(made.blocks[b.Labels[0]], p.evaluate(b.Body.Blocks[0].Body, inner))
		}
	}
	return made
}

func (p *planner) value(expr hcl.Expression, each map[string]cty.Value) cty.Value {
	v, diags := expr.Value(p.context(each))
	if diags.HasErrors() {
		p.t.Fatal(diags)
	}
	return v
}

func (p *planner) context(each map[string]cty.Value) *hcl.EvalContext {
	scope := maps.Clone(p.scope)
	maps.Copy(scope, each)
	return &hcl.EvalContext{Variables: scope, Functions: functions}
}
