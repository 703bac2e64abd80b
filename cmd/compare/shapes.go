package main

import (
	"fmt"
	"strings"
)

// shape is a request that clients really send, and how it is measured.
type shape struct {
	name     string
	body     func() []byte
	workers  int // that send at once
	requests int // for the processor time
	// cpuLimit is that of the processor time; 0 for no limit: the time is only
	// shown, since it depends on the structure of the JSON.
	cpuLimit float64
	// peakLimit is that of the peak memory; 0 does not measure it.
	peakLimit float64
	alone     int // requests one at a time, for the latency; 0 does not measure it
}

// shapes returns all shapes; the first is the small one.
func shapes() []shape {
	return []shape{
		{"5 KB random forest", smallRequest, 16, 4000, 1.3, 1.3, 500},
		{"8.5 MB ensemble", func() []byte { return largeRequest("<") }, 4, 40, 1.5, 1.3, 0},
		{"8.5 MB ensemble, `<` as `\\u003c`", func() []byte { return largeRequest(`\u003c`) }, 4, 40, 1.5, 0, 0},
		{"50,000 nested calls, Python's member order", func() []byte { return nestedCalls(pythonCall) }, 4, 40, 0, 0, 0},
		{"50,000 nested calls, JavaScript's member order", func() []byte { return nestedCalls(javaScriptCall) }, 4, 40, 0, 0, 0},
	}
}

// rows returns the rows of what warm measures of the shape, in its order.
func (s shape) rows() []row {
	rows := []row{{name: fmt.Sprintf("CPU per request, %s, %d at a time", s.name, s.workers), unit: "ms", limit: s.cpuLimit}}
	if s.peakLimit > 0 {
		rows = append(rows, row{name: "peak memory, " + s.name, unit: "MB", limit: s.peakLimit})
	}
	if s.alone > 0 {
		rows = append(rows, row{name: "median latency, " + s.name + ", one at a time", unit: "ms", limit: 1.2})
	}
	return rows
}

// smallRequest is a random forest trained on a table: 5 KB.
func smallRequest() []byte {
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf(`{"functionInvocationValue":{"functionName":"String","arguments":{"input":{"constantValue":"B%d"}}}}`, i))
	}
	return request(`"0":` + train(pythonCall,
		pythonCall("Collection.loadTable", `"tableId":{"constantValue":"projects/my-project/assets/training"}`),
		`,"inputProperties":{"arrayValue":{"values":[`+strings.Join(names, ",")+`]}}`))
}

// largeRequest is an ensemble of trees of 1,023 nodes each, with a spelling of
// "<": 8.5 MB.
func largeRequest(less string) []byte {
	const size = 8_500_000
	tree := `"n= 400\n\nnode), split, n, loss, yval, (yprob)\n      * denotes terminal node\n\n` + decisionTree(1, 10, less) + `"`
	trees := strings.Repeat(tree+",", size/(len(tree)+1)-1) + tree
	return request(`"0":` + pythonCall("Classifier.decisionTreeEnsemble", `"treeStrings":{"constantValue":[`+trees+`]}`))
}

// decisionTree returns the lines of a node and all below it, as R prints them.
func decisionTree(node, levels int, less string) string {
	split, end := "root", ""
	if node > 1 {
		split = fmt.Sprintf("B%d%s0.%06d", node%8, less, node*977%1_000_000)
	}
	if levels == 1 {
		end = " *"
	}
	line := fmt.Sprintf(`  %d) %s %d %d %d (0.%03d 0.%03d)%s\n`, node, split, node%900+100, node%10, node%4, node%1000, node*7%1000, end)
	if levels == 1 {
		return line
	}
	return line + decisionTree(2*node, levels-1, less) + decisionTree(2*node+1, levels-1, less)
}

// nestedCalls is a chain of additions of constants, 50,000 calls in all. As the
// official clients write it, 50 are nested in an entry, which refers to the one
// before it.
func nestedCalls(call func(function, arguments string) string) []byte {
	const entries, depth = 500, 50
	var b strings.Builder
	for i := range entries {
		image := `{"constantValue":0}`
		if i > 0 {
			image = fmt.Sprintf(`{"valueReference":"%d"}`, i)
		}
		for n := range depth {
			image = call("Image.add", fmt.Sprintf(`"image1":%s,"image2":%s`, image,
				call("Image.constant", fmt.Sprintf(`"value":{"constantValue":%d}`, n))))
		}
		fmt.Fprintf(&b, `"%d":%s,`, i+1, image)
	}
	features := call("Image.sample", fmt.Sprintf(`"image":{"valueReference":"%d"}`, entries))
	return request(b.String() + `"0":` + train(call, features, ""))
}

// train is a random forest trained on features.
func train(call func(function, arguments string) string, features, more string) string {
	return call("Classifier.train", `"classProperty":{"constantValue":"landcover"},"classifier":`+
		call("Classifier.smileRandomForest", `"numberOfTrees":{"constantValue":100}`)+`,"features":`+features+more)
}

// pythonCall is an invocation as the Python client writes it.
func pythonCall(function, arguments string) string {
	return `{"functionInvocationValue":{"functionName":"` + function + `","arguments":{` + arguments + `}}}`
}

// javaScriptCall is an invocation as the JavaScript client writes it: members
// are sorted.
func javaScriptCall(function, arguments string) string {
	return `{"functionInvocationValue":{"arguments":{` + arguments + `},"functionName":"` + function + `"}}`
}

func request(values string) []byte {
	return []byte(`{"expression":{"result":"0","values":{` + values + `}},"description":"compared",` +
		`"assetExportOptions":{"earthEngineDestination":{"name":"projects/my-project/assets/compared","overwrite":true}}}`)
}
