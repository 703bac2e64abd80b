package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// excludes are the patterns that are left out of the source.
func excludes(t testing.TB) (patterns []string) {
	t.Helper()
	source := defaultPlan(t).one(t, "archive_file.source")
	for it := source.body.attrs["excludes"].ElementIterator(); it.Next(); {
		_, v := it.Element()
		patterns = append(patterns, v.AsString())
	}
	return patterns
}

// archived are the files of a folder that the archive has.
func archived(t testing.TB, root string) (names []string) {
	t.Helper()
	var excluded []*regexp.Regexp
	for _, p := range excludes(t) {
		p = regexp.QuoteMeta(p)
		p = strings.ReplaceAll(p, `\*\*/`, `(.*/)?`)
		p = strings.ReplaceAll(p, `\*\*`, `.*`)
		p = strings.ReplaceAll(p, `\*`, `[^/]*`)
		excluded = append(excluded, regexp.MustCompile("^"+p+"$"))
	}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		out := name != "." && slices.ContainsFunc(excluded, func(e *regexp.Regexp) bool { return e.MatchString(name) })
		switch {
		case err != nil:
			return err
		case out && entry.IsDir():
			return fs.SkipDir
		case !out && !entry.IsDir():
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestTheArchiveHoldsWhatTheFunctionsImport compares it with what the root
// package needs according to Go. Anything else in it would rebuild the functions
// when it changes.
func TestTheArchiveHoldsWhatTheFunctionsImport(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module,GoFiles,EmbedFiles", ".")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	need := map[string]bool{"go.mod": true, "go.sum": true}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir                 string
			Module              *struct{ Main bool }
			GoFiles, EmbedFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.EmbedFiles) {
			rel, err := filepath.Rel(root, filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			need[filepath.ToSlash(rel)] = true
		}
	}
	if got, want := archived(t, ".."), slices.Sorted(maps.Keys(need)); !slices.Equal(got, want) {
		for _, name := range got {
			if !need[name] {
				t.Errorf("the archive has %s, which nothing imports", name)
			}
		}
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("the archive lacks %s", name)
			}
		}
	}
}

func TestNoUploadHoldsAKey(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "key.pem", "tls.key", "credentials.json", "handler/my-credentials-2.json", "x.tfvars", "terraform.tfstate", ".env", ".env.local", "handler/.env"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if got := archived(t, dir); !slices.Equal(got, []string{"go.mod"}) {
		t.Errorf("the archive has %v", got)
	}
	t.Run("gcloud leaves out what Terraform leaves out", func(t *testing.T) {
		if got := patterns(t, ".gcloudignore"); !slices.Equal(got, excludes(t)) {
			t.Errorf(".gcloudignore has %v, build.tf %v", got, excludes(t))
		}
	})
	t.Run("and so does the image", func(t *testing.T) {
		got := patterns(t, "Dockerfile.dockerignore")
		for _, p := range excludes(t) {
			secret := regexp.MustCompile(`pem|key|credentials|tfstate|tfvars|env`).MatchString(p)
			if secret && !slices.Contains(got, p) {
				t.Errorf("Dockerfile.dockerignore lacks %s", p)
			}
		}
	})
}

// patterns returns the lines of a file except its comments.
func patterns(t testing.TB, name string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(read(t, name)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
