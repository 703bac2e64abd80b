package expression_test

import (
	"errors"
	"fmt"

	"example.com/eeexport/eeclient/expression"
)

func Example() {
	data := []byte(`{
		"result": "0",
		"values": {
			"0": {"functionInvocationValue": {
				"functionName": "Classifier.train",
				"arguments": {
					"classifier": {"functionInvocationValue": {"functionName": "Classifier.smileCart", "arguments": {}}},
					"features": {"functionInvocationValue": {
						"functionName": "Collection.loadTable",
						"arguments": {"tableId": {"constantValue": "projects/my-project/assets/training"}}
					}},
					"classProperty": {"constantValue": "landcover"}
				}
			}}
		}
	}`)
	summary, err := expression.Check(data, expression.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(summary.Classifier, "of", summary.Nodes, "nodes")
	fmt.Println(summary.Algorithms())
	fmt.Println(summary.Assets())
	// Output:
	// Classifier.smileCart of 5 nodes
	// [Classifier.smileCart Classifier.train Collection.loadTable]
	// [projects/my-project/assets/training]
}

func ExampleCheck_invalid() {
	data := []byte(`{"result": "0", "values": {"0": {"arrayValue": {"values": [{"valueReference": "1"}, {"argumentReference": "x"}]}}}}`)
	_, err := expression.Check(data, expression.Structure)
	var invalid *expression.InvalidError
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			fmt.Printf("%s: %s\n", v.Path, v.Description)
		}
	}
	// Output:
	// expression.values["0"].arrayValue.values[0].valueReference: there is no entry "1" in values; add it or correct this reference
	// expression.values["0"].arrayValue.values[1].argumentReference: argument "x" is not bound by any function definition on the way from result; name it in the argumentNames of a function definition whose body leads here
}
