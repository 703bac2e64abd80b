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
	e, err := expression.Parse(data, expression.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := e.Check(expression.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Classifier, "of", result.Nodes, "nodes")
	algorithms, reads := expression.Uses(data)
	fmt.Println(algorithms)
	fmt.Println(reads)
	// Output:
	// Classifier.smileCart of 5 nodes
	// [Classifier.smileCart Classifier.train Collection.loadTable]
	// [projects/my-project/assets/training]
}

func ExampleExpression_Check_invalid() {
	data := []byte(`{"result": "0", "values": {"0": {"arrayValue": {"values": [{"valueReference": "1"}, {"argumentReference": "x"}]}}}}`)
	e, err := expression.Parse(data, expression.Structure)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = e.Check(expression.Options{})
	var invalid *expression.InvalidError
	if errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			fmt.Printf("%s: %s\n", v.Path, v.Description)
		}
	}
	// Output:
	// expression.values["0"].arrayValue.values[0].valueReference: there is no entry "1" in values; add it or correct this reference
	// expression.values["0"].arrayValue.values[1].argumentReference: no function definition on the way from result binds the argument "x"; name it in the argumentNames of a function definition whose body leads here, or give its value in the request's arguments
}
