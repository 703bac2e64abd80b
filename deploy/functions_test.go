package deploy_test

import (
	"encoding/base64"
	"os"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of Terraform's that the module uses.
var functions = map[string]function.Function{
	"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
	"ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc,
	"coalesce": stdlib.CoalesceFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
	"join": stdlib.JoinFunc, "split": stdlib.SplitFunc, "regex": stdlib.RegexFunc, "replace": stdlib.ReplaceFunc,
	"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
	"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
	"keys": stdlib.KeysFunc, "values": stdlib.ValuesFunc, "merge": stdlib.MergeFunc, "setproduct": stdlib.SetProductFunc,
	"tonumber": stdlib.MakeToFunc(cty.Number),
	"tostring": stdlib.MakeToFunc(cty.String),
	"toset":    stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"file": ofFile(cty.String, func(text []byte, err error) (cty.Value, error) {
		return cty.StringVal(string(text)), err
	}),
	"filebase64": ofFile(cty.String, func(text []byte, err error) (cty.Value, error) {
		return cty.StringVal(base64.StdEncoding.EncodeToString(text)), err
	}),
	"length": ofAny(cty.Number, func(v cty.Value) (cty.Value, error) {
		if v.Type() == cty.String {
			return stdlib.Strlen(v)
		}
		return cty.NumberIntVal(int64(v.LengthInt())), nil
	}),
	"alltrue": ofAny(cty.Bool, func(v cty.Value) (cty.Value, error) {
		for it := v.ElementIterator(); it.Next(); {
			if _, v := it.Element(); v.False() {
				return cty.False, nil
			}
		}
		return cty.True, nil
	}),
}

func ofFile(result cty.Type, use func(text []byte, err error) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(result),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return use(os.ReadFile(args[0].AsString()))
		},
	})
}

func ofAny(result cty.Type, use func(cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(result),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return use(args[0]) },
	})
}
