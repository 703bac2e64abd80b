package deploy_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile.
type instruction struct {
	name, args string
	stage      int // -1 before the first
}

func parseDockerfile(t testing.TB) (all []instruction) {
	t.Helper()
	text := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")
	stage := -1
	for line := range strings.Lines(text) {
		name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if name == "FROM" {
			stage++
		}
		all = append(all, instruction{name, args, stage})
	}
	return all
}

func TestDockerfile(t *testing.T) {
	all := parseDockerfile(t)
	last := all[len(all)-1].stage
	images := map[string]string{} // by the argument that names them
	var final []instruction
	for _, i := range all {
		if i.stage == -1 {
			name, image, _ := strings.Cut(i.args, "=")
			images["$"+name] = image
		}
		if i.stage == last {
			final = append(final, i)
		}
	}
	t.Run("every image can be pinned, and has a version", func(t *testing.T) {
		for _, i := range all {
			if i.name != "FROM" {
				continue
			}
			argument, _, _ := strings.Cut(strings.TrimPrefix(i.args, "--platform=$BUILDPLATFORM "), " ")
			if _, tag, _ := strings.Cut(images[argument], ":"); tag == "" || tag == "latest" {
				t.Errorf("FROM %s is %q", argument, images[argument])
			}
			if !strings.Contains(read(t, "README.md"), "--build-arg "+argument[1:]+"=") {
				t.Errorf("README.md does not say how to pin %s", argument)
			}
		}
	})
	t.Run("the last stage is distroless and has no root", func(t *testing.T) {
		if image := images[final[0].args]; last < 1 || image != "gcr.io/distroless/static-debian12:nonroot" {
			t.Errorf("FROM %s", image)
		}
		user := slices.IndexFunc(final, func(i instruction) bool { return i.name == "USER" })
		if user < 0 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(final[user].args) {
			t.Error("USER is no number but 0")
		}
	})
	t.Run("the last stage runs nothing and holds the binary alone", func(t *testing.T) {
		for _, i := range final {
			if i.name == "RUN" || i.name == "COPY" && !strings.HasPrefix(i.args, "--from=build ") {
				t.Errorf("%s %s", i.name, i.args)
			}
		}
		var entry []string
		if err := json.Unmarshal([]byte(final[len(final)-1].args), &entry); err != nil || len(entry) != 1 {
			t.Errorf("ENTRYPOINT goes through a shell: %s", final[len(final)-1].args)
		}
	})
	t.Run("nothing is fetched by ADD, and no secret is in it", func(t *testing.T) {
		for _, i := range all {
			secret := regexp.MustCompile(`(?i)secret|token|password|credential|_key`)
			if i.name == "ADD" || (i.name == "ENV" || i.name == "ARG") && secret.MatchString(i.args) {
				t.Errorf("%s %s", i.name, i.args)
			}
		}
	})
	t.Run("it has the Go of go.mod, and so have the functions", func(t *testing.T) {
		version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
		if image := images["$GO_IMAGE"]; !strings.HasPrefix(image, "golang:"+version+"-") {
			t.Errorf("it is built with %s, and go.mod has %s", image, version)
		}
		build, _ := defaultPlan(t).function(t, "http").body.at("build_config")
		if got := build.text("runtime"); got != "go"+strings.ReplaceAll(version, ".", "") {
			t.Errorf("the functions' runtime is %s, and go.mod has %s", got, version)
		}
	})
}
