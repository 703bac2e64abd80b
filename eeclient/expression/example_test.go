package expression_test

import (
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
