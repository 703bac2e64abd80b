package deploy_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
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

// variable reads a variable's value as Terraform does: converted to its type,
// with the defaults of optional attributes. It returns the first error message
// of a validation that the value does not pass.
func (m *module) variable(name string, value cty.Value, others map[string]cty.Value) (cty.Value, error) {
	i := slices.IndexFunc(m.blocks, func(b *hclsyntax.Block) bool { return b.Type == "variable" && b.Labels[0] == name })
	if i < 0 {
		return cty.NilVal, fmt.Errorf("there is no variable %s", name)
	}
	body := m.blocks[i].Body
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(body.Attributes["type"].Expr)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	if defaults != nil && !value.IsNull() {
		value = defaults.Apply(value)
	}
	value, err := convert.Convert(value, typ)
	if err != nil {
		return cty.NilVal, err
	}
	scope := maps.Clone(others)
	scope[name] = value
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(scope)}, Functions: m.functions()}
	for _, b := range body.Blocks {
		if b.Type != "validation" {
			continue
		}
		ok, diags := b.Body.Attributes["condition"].Expr.Value(ctx)
		if diags.HasErrors() {
			return cty.NilVal, diags
		}
		if ok.False() {
			message, _ := b.Body.Attributes["error_message"].Expr.Value(ctx)
			return cty.NilVal, errors.New(message.AsString())
		}
	}
	return value, nil
}

// variables reads all variables: those that are given, and the defaults.
func (m *module) variables(t testing.TB, given map[string]cty.Value) map[string]cty.Value {
	t.Helper()
	vars := map[string]cty.Value{}
	raw := map[string]cty.Value{}
	for _, b := range m.all("variable") {
		name := b.Labels[0]
		if v, ok := given[name]; ok {
			raw[name] = v
		} else if d := b.Body.Attributes["default"]; d != nil {
			raw[name], _ = d.Expr.Value(nil)
		} else {
			t.Fatalf("%s is required", name)
		}
	}
	// A validation may look at other variables, so these come first as they
	// are, and then as they are read.
	maps.Copy(vars, raw)
	for range 2 {
		for name, v := range raw {
			read, err := m.variable(name, v, vars)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			vars[name] = read
		}
	}
	return vars
}

// instance is a resource or a data source as it would be made.
type instance struct {
	kind, name, key string
	body            body
}

// body is a block with its values.
type body struct {
	attrs  map[string]cty.Value
	blocks map[string][]body
}

// at returns the first block at a path, and whether there is one.
func (b body) at(path ...string) (body, bool) {
	for _, name := range path {
		if len(b.blocks[name]) == 0 {
			return body{}, false
		}
		b = b.blocks[name][0]
	}
	return b, true
}

// text returns an attribute as text; "" where it is not set.
func (b body) text(name string) string {
	v, ok := b.attrs[name]
	if !ok || v.IsNull() {
		return ""
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		return ""
	}
	return s.AsString()
}

func (i instance) address() string {
	if i.key != "" {
		return fmt.Sprintf("%s.%s[%q]", i.kind, i.name, i.key)
	}
	return i.kind + "." + i.name
}

// environment returns the variables of a function; a secret's value is a
// reference to it.
func (i instance) environment() map[string]string {
	env := map[string]string{}
	service, _ := i.body.at("service_config")
	if v, ok := service.attrs["environment_variables"]; ok {
		for name, value := range v.AsValueMap() {
			env[name] = value.AsString()
		}
	}
	for _, s := range service.blocks["secret_environment_variables"] {
		env[s.text("key")] = s.text("secret") + ":" + s.text("version")
	}
	return env
}

// plan is what a module would make.
type plan []instance

func (p plan) ofType(kind string) (found []instance) {
	for _, i := range p {
		if i.kind == kind {
			found = append(found, i)
		}
	}
	return found
}

func (p plan) one(t testing.TB, address string) instance {
	t.Helper()
	for _, i := range p {
		if i.address() == address {
			return i
		}
	}
	t.Fatalf("there is no %s", address)
	return instance{}
}

// planner evaluates a module. What only the cloud knows is a stand-in's value.
type planner struct {
	t      testing.TB
	module *module
	scope  map[string]cty.Value
}

// planModule gives what the module would make of the given variables.
func planModule(t testing.TB, dir string, given map[string]cty.Value) plan {
	t.Helper()
	p := &planner{t: t, module: parseModule(t, dir)}
	dirValue := cty.StringVal(dir)
	p.scope = map[string]cty.Value{
		"var":  cty.ObjectVal(p.module.variables(t, given)),
		"path": cty.ObjectVal(map[string]cty.Value{"module": dirValue, "root": dirValue}),
	}
	p.resolve()
	var made plan
	for _, b := range p.module.blocks {
		if b.Type != "resource" && b.Type != "data" {
			continue
		}
		for key, each := range p.instances(b) {
			made = append(made, instance{b.Labels[0], b.Labels[1], key, p.evaluate(b.Body, each)})
		}
	}
	return made
}

// resolve fills the scope with locals and with stand-ins for resources. Both
// may need each other, so it goes on for as long as there is progress.
func (p *planner) resolve() {
	locals := map[string]cty.Value{}
	todo := map[string]func() (cty.Value, bool){}
	for _, b := range p.module.all("locals") {
		for name, attr := range b.Body.Attributes {
			todo["local."+name] = func() (cty.Value, bool) {
				v, diags := attr.Expr.Value(p.context(nil))
				return v, !diags.HasErrors() && v.IsWhollyKnown()
			}
		}
	}
	resources := map[string]map[string]cty.Value{}
	data := map[string]map[string]cty.Value{}
	for _, b := range p.module.blocks {
		into := map[string]map[string]map[string]cty.Value{"resource": resources, "data": data}[b.Type]
		if into == nil {
			continue
		}
		if into[b.Labels[0]] == nil {
			into[b.Labels[0]] = map[string]cty.Value{}
		}
		todo[strings.Join(append([]string{b.Type}, b.Labels...), ".")] = func() (cty.Value, bool) {
			return p.standIn(b)
		}
	}
	for progress := true; progress && len(todo) > 0; {
		progress = false
		for address, make := range todo {
			v, ok := make()
			if !ok {
				continue
			}
			progress = true
			delete(todo, address)
			parts := strings.Split(address, ".")
			switch parts[0] {
			case "local":
				locals[parts[1]] = v
				p.scope["local"] = cty.ObjectVal(locals)
			case "resource":
				resources[parts[1]][parts[2]] = v
				p.scope[parts[1]] = cty.ObjectVal(resources[parts[1]])
			case "data":
				data[parts[1]][parts[2]] = v
				all := map[string]cty.Value{}
				for kind, byName := range data {
					if len(byName) > 0 {
						all[kind] = cty.ObjectVal(byName)
					}
				}
				p.scope["data"] = cty.ObjectVal(all)
			}
		}
	}
	if len(todo) > 0 {
		p.t.Fatalf("cannot be evaluated: %v", slices.Sorted(maps.Keys(todo)))
	}
}

// standIn is a resource as others see it.
func (p *planner) standIn(b *hclsyntax.Block) (cty.Value, bool) {
	ctx := p.context(nil)
	for _, name := range []string{"for_each", "count"} {
		attr := b.Body.Attributes[name]
		if attr == nil {
			continue
		}
		v, diags := attr.Expr.Value(ctx)
		if diags.HasErrors() {
			return cty.NilVal, false
		}
		if name == "count" {
			if v.AsBigFloat().Sign() == 0 {
				return cty.EmptyTupleVal, true
			}
			one, ok := p.computed(b, nil)
			return cty.TupleVal([]cty.Value{one}), ok
		}
		made := map[string]cty.Value{}
		for key, each := range eachOf(v) {
			one, ok := p.computed(b, each)
			if !ok {
				return cty.NilVal, false
			}
			made[key] = one
		}
		return cty.ObjectVal(made), true
	}
	return p.computed(b, nil)
}

// computed gives what others read of a resource.
func (p *planner) computed(b *hclsyntax.Block, each map[string]cty.Value) (cty.Value, bool) {
	name := strings.Join(b.Labels, ".")
	if key := each["key"]; key != cty.NilVal {
		name += "/" + key.AsString()
	}
	for _, attr := range []string{"name", "account_id"} {
		if a := b.Body.Attributes[attr]; a != nil {
			v, diags := a.Expr.Value(p.context(each))
			if diags.HasErrors() || !v.IsWhollyKnown() {
				return cty.NilVal, false
			}
			name = v.AsString()
		}
	}
	id, email := name, name+"@my-project.iam.gserviceaccount.com"
	if b.Labels[0] == "google_pubsub_topic" {
		id = "projects/my-project/topics/" + name
	}
	s := cty.StringVal
	return cty.ObjectVal(map[string]cty.Value{
		"id": s(id), "name": s(name), "number": s("123456789"),
		"email": s(email), "member": s("serviceAccount:" + email),
		"output_md5": s("0123456789abcdef"), "output_path": s("source.zip"),
		"service_config": cty.TupleVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"uri": s("https://" + name + ".run.app")})}),
	}), true
}

// instances gives the instances of a block: what each is in each.
func (p *planner) instances(b *hclsyntax.Block) map[string]map[string]cty.Value {
	if attr := b.Body.Attributes["count"]; attr != nil && p.value(attr.Expr, nil).AsBigFloat().Sign() == 0 {
		return nil
	}
	if attr := b.Body.Attributes["for_each"]; attr != nil {
		return eachOf(p.value(attr.Expr, nil))
	}
	return map[string]map[string]cty.Value{"": nil}
}

func eachOf(v cty.Value) map[string]map[string]cty.Value {
	all := map[string]map[string]cty.Value{}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() || v.Type().IsTupleType() {
			key = value
		}
		all[key.AsString()] = map[string]cty.Value{"key": key, "value": value}
	}
	return all
}

// evaluate gives a block's values, with dynamic blocks unrolled.
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
		for it := p.value(b.Body.Attributes["for_each"].Expr, each).ElementIterator(); it.Next(); {
			made.blocks[b.Labels[0]] = append(made.blocks[b.Labels[0]], p.evaluate(b.Body.Blocks[0].Body, each))
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
	if each != nil {
		scope["each"] = cty.ObjectVal(each)
	}
	return &hcl.EvalContext{Variables: scope, Functions: p.module.functions()}
}

// functions are those of Terraform's that the module uses.
func (m *module) functions() map[string]function.Function {
	file := func(use func(name string) (cty.Value, error), result cty.Type) function.Function {
		return function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}},
			Type:   function.StaticReturnType(result),
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return use(args[0].AsString()) },
		})
	}
	anything := []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true}}
	return map[string]function.Function{
		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc, "regex": stdlib.RegexFunc,
		"ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "coalesce": stdlib.CoalesceFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "join": stdlib.JoinFunc,
		"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc,
		"merge": stdlib.MergeFunc, "setproduct": stdlib.SetProductFunc, "split": stdlib.SplitFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "values": stdlib.ValuesFunc,
		"toset":    stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"tostring": stdlib.MakeToFunc(cty.String),
		"file": file(func(name string) (cty.Value, error) {
			text, err := os.ReadFile(name)
			return cty.StringVal(string(text)), err
		}, cty.String),
		"filebase64": file(func(name string) (cty.Value, error) {
			text, err := os.ReadFile(name)
			return cty.StringVal(base64.StdEncoding.EncodeToString(text)), err
		}, cty.String),
		"fileexists": file(func(name string) (cty.Value, error) {
			_, err := os.Stat(name)
			return cty.BoolVal(err == nil), nil
		}, cty.Bool),
		"length": function.New(&function.Spec{
			Params: anything, Type: function.StaticReturnType(cty.Number),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				if args[0].Type() == cty.String {
					return stdlib.Strlen(args[0])
				}
				return cty.NumberVal(new(big.Float).SetInt64(int64(args[0].LengthInt()))), nil
			},
		}),
		"alltrue": function.New(&function.Spec{
			Params: anything, Type: function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				for it := args[0].ElementIterator(); it.Next(); {
					if _, v := it.Element(); v.False() {
						return cty.False, nil
					}
				}
				return cty.True, nil
			},
		}),
	}
}
