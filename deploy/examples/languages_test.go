package examples_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
)

// standIns are what a script for Python has before it comes to the README's
// blocks. Not every machine that runs the tests has Earth Engine's client for
// Python; the expression is one that it has made.
const standIns = `
import json

class classifier:
    def serialize():
        return open('expression.json').read()

class task:
    config = {
        'expression': classifier, 'description': 'land cover', 'priority': {'value': 50}, 'workloadTag': '',
        'assetExportOptions': {'earthEngineDestination': {'name': 'projects/my-project/assets/landcover'}},
    }
`

// ee is the part of Earth Engine's client that dropin.py changes.
const ee = `
class EEException(Exception): pass
class data: exportClassifier = None
`

// write writes a file where the reader is.
func (r *reader) write(file, text string) {
	r.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

// python runs a block that writes request.json.
func python(r *reader, text string) {
	r.Helper()
	var request struct{ Expression json.RawMessage }
	if err := json.Unmarshal(requests.Get(requests.RandomForest), &request); err != nil {
		r.Fatal(err)
	}
	r.write("expression.json", string(request.Expression))
	_ = os.Remove(filepath.Join(r.dir, "request.json")) // another block's
	r.runPython(standIns + text)
	read(r.T, filepath.Join(r.dir, "request.json"))
}

func (r *reader) runPython(program string) string {
	r.Helper()
	r.write("program.py", program)
	return run(r.T, r.dir, r.env, "python3", "program.py")
}

// dropIn writes the block beside dropin.py, which it imports, and starts a task
// twice.
func (r *reader) dropIn(text string) {
	r.write("ee.py", ee)
	const start = "print(ee.data.exportClassifier('task-1', task.config)['name'])\n"
	names := strings.Fields(r.runPython(standIns + text + "import ee\n" + start + start))
	if len(names) != 2 || names[0] != names[1] || !strings.HasPrefix(names[0], "projects/my-project/operations/") {
		r.Errorf("started %q", names)
	}
}

// compiled checks that a block for Python is well formed, since it does nothing
// without Earth Engine's client.
func compiled(r *reader, text string) {
	r.Helper()
	r.write("program.py", text)
	run(r.T, r.dir, r.env, "python3", "-m", "py_compile", "program.py")
}

// handle handles an event twice with the excerpt from subscriber.py.
func (r *reader) handle(text string) {
	const file = "python/subscriber.py"
	excerpt(file)(r, text)
	golden := absolute(r.T, "../../handler/message/testdata/golden/succeeded.json")
	out := r.runPython(`
import json, sys
sys.path.append('` + filepath.Dir(absolute(r.T, file)) + `')
import subscriber
message = json.load(open('` + golden + `'))
for _ in range(2):
    subscriber.handle(message['attributes'], json.dumps(message['data']).encode())
`)
	if out != "ready: projects/my-project/assets/rf\n" {
		r.Errorf("printed %q", out)
	}
}

// javaScript runs a block after a script has made the classifier that it
// exports.
func javaScript(r *reader, text string) {
	r.Helper()
	r.runNode("const classifier = ee.Classifier.smileCart().train(training, 'landcover', bands);\n" + text)
}

// openPlace runs a block that leaves a place of an expression open, and writes
// the request.
func openPlace(r *reader, text string) {
	r.Helper()
	r.runNode("const collection = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED');\n" + text + `
const samples = recent.median().sampleRegions({ collection: training, properties: ['landcover'], scale: 10 });
const classifier = ee.Classifier.smileCart().train(samples, 'landcover', bands);
import { writeFileSync } from 'node:fs';
writeFileSync('request.json', JSON.stringify({
  expression: JSON.parse(classifier.serialize()),
  assetExportOptions: { earthEngineDestination: { name: 'projects/my-project/assets/landcover' } },
}));
`)
}

func (r *reader) runNode(program string) {
	r.Helper()
	link := filepath.Join(r.dir, "node_modules")
	if err := os.Symlink(absolute(r.T, "node/node_modules"), link); err != nil && !os.IsExist(err) {
		r.Fatal(err)
	}
	r.write("program.mjs", `
import ee from '@google/earthengine';
import { initialize } from '`+absolute(r.T, "node/earthengine.mjs")+`';
await initialize('my-project');
const training = ee.FeatureCollection('projects/my-project/assets/training');
const bands = ['B2', 'B3'];
`+program)
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	run(r.T, r.dir, append(r.env, "EARTHENGINE_EMULATOR_HOST="+ee.Host()), "node", "program.mjs")
}

// addToRequest adds the members of a block to request.json.
func (r *reader) addToRequest(text string) {
	var request map[string]any
	if err := json.Unmarshal([]byte(read(r.T, filepath.Join(r.dir, "request.json"))), &request); err != nil {
		r.Fatal(err)
	}
	if err := json.Unmarshal([]byte("{"+text+"}"), &request); err != nil {
		r.Fatal(err)
	}
	b, err := json.Marshal(request)
	if err != nil {
		r.Fatal(err)
	}
	r.write("request.json", string(b))
}

// subscriber runs the subscriber for Node until it has received an end.
func (r *reader) subscriber(text string) {
	var out output
	cmd := command(r.T, r.dir, r.env, "bash", "-euc", r.replace.Replace(text))
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // as a reader ends it
		_ = cmd.Wait()
	}()
	await(r.T, "end of an export", func() bool { return strings.Contains(out.String(), "ready: projects/my-project/assets/landcover") })
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
