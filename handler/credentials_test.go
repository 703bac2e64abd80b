package handler_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// TestTheCredentialsNameTheProject exports with a service account's key file.
// Package eeclient tests the other credentials.
func TestTheCredentialsNameTheProject(t *testing.T) {
	ee := eetest.NewServer()
	defer ee.Close()
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, ee.ServiceAccountKey("my-project"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := handlertest.Env(ee, handlertest.NewPubSub(t, "operations"))
	fn := handlertest.Start(t, "ExportClassifier", handlertest.With(env, map[string]string{
		"GOOGLE_APPLICATION_CREDENTIALS": key, "GOOGLE_CLOUD_PROJECT": "", "EARTHENGINE_EMULATOR_HOST": "", "EARTHENGINE_ENDPOINT": ee.URL,
	}))
	if answer := fn.Post(t, "/", handlertest.Fields{}.Body()); answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if strings.Contains(fn.Log(), "ya29") || strings.Contains(fn.Log(), "PRIVATE KEY") {
		t.Error("a credential is in the log")
	}
}
