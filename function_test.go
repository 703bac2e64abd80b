package eeexport_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }

func TestSmoke(t *testing.T) {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	ps := handlertest.NewPubSub(t, "operations", "failures")
	fn := handlertest.Start(t, "ExportClassifier", handlertest.With(handlertest.Env(ee, ps), map[string]string{"ALLOWED_ASSETS": "*", "EXPRESSION_CHECK": "structure"}))
	ev := handlertest.Start(t, "ExportClassifierEvent", handlertest.With(handlertest.Env(ee, ps), map[string]string{"ALLOWED_ASSETS": "*", "EXPRESSION_CHECK": "structure"}))
	files, _ := filepath.Glob("handler/testdata/requests/*.json")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		a := fn.Post(t, "/", b)
		t.Log(f, a.Code, string(a.Body), a.Header)
		e := ev.Deliver(t, handlertest.Message{ID: "1", Data: b})
		t.Log(f, e.Code, string(e.Body), e.Header)
	}
	for _, m := range ps.Messages("operations") {
		t.Log(string(m.Data), m.Attributes)
	}
	_ = bytes.Equal
	t.Log(fn.Log())
}
