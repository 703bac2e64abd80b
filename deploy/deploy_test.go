package deploy_test

import (
	"log"
	"os"
	"testing"
)

// TestMain runs the tests, or is the program that enters an empty root.
func TestMain(m *testing.M) {
	if root := os.Getenv(emptyRootVariable); root != "" {
		log.Fatal(enterEmptyRoot(root))
	}
	os.Exit(m.Run())
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
