package handler_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  func(t *testing.T, ee *eetest.Server) map[string]string
	}{
		{"a service account's key file", func(t *testing.T, ee *eetest.Server) map[string]string {
			key := filepath.Join(t.TempDir(), "key.json")
			if err := os.WriteFile(key, ee.ServiceAccountKey("my-project"), 0o600); err != nil {
				t.Fatal(err)
			}
			return map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": key}
		}},
		{"the metadata server", func(t *testing.T, ee *eetest.Server) map[string]string {
			return map[string]string{"GCE_METADATA_HOST": eetest.NewMetadataServer(ee, "my-project").Host()}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ee := eetest.NewServer()
			defer ee.Close()
			env := tc.env(t, ee)
			// The credentials name the project.
			maps.Copy(env, map[string]string{"GOOGLE_CLOUD_PROJECT": "", "EARTHENGINE_EMULATOR_HOST": "", "EARTHENGINE_ENDPOINT": ee.URL})
			ps := handlertest.NewPubSub(t, "operations")
			fn := handlertest.Start(t, "ExportClassifier", handlertest.With(handlertest.Env(ee, ps), env))
			for range 2 {
				if answer := fn.Post(t, "/", handlertest.Fields{}.Body()); answer.Code != 200 {
					t.Fatalf("%d %s", answer.Code, answer.Body)
				}
			}
			if got := ee.TokensIssued(); got != 1 {
				t.Errorf("%d tokens for two exports", got)
			}
			if strings.Contains(fn.Log(), "ya29") || strings.Contains(fn.Log(), "PRIVATE KEY") {
				t.Error("a credential is in the log")
			}
		})
	}
}
