package deploy_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestDockerfile(t *testing.T) {
	text := read(t, "Dockerfile")
	holds := func(text, expr string) bool { return regexp.MustCompile(expr).MatchString(text) }
	images := map[string]string{} // by the argument that names them
	for _, m := range regexp.MustCompile(`(?m)^ARG (\w+_IMAGE)=(\S+)$`).FindAllStringSubmatch(text, -1) {
		images[m[1]] = m[2]
	}
	_, final, _ := strings.Cut(text, "\nFROM $BASE_IMAGE\n")
	t.Run("every image can be pinned, and has a version", func(t *testing.T) {
		for argument, image := range images {
			if !holds(image, `:\w`) || strings.HasSuffix(image, ":latest") {
				t.Errorf("%s is %q", argument, image)
			}
			if !strings.Contains(read(t, "README.md"), "--build-arg "+argument+"=") {
				t.Errorf("README.md does not say how to pin %s", argument)
			}
		}
		if holds(text, `(?m)^FROM (--platform=\S+ )?[^-$]`) {
			t.Error("an image is named in place")
		}
	})
	t.Run("the last stage is distroless and has no root", func(t *testing.T) {
		if images["BASE_IMAGE"] != "gcr.io/distroless/static-debian12:nonroot" || !holds(final, `(?m)^USER [1-9]\d*:[1-9]\d*$`) {
			t.Errorf("FROM %s, with\n%s", images["BASE_IMAGE"], final)
		}
	})
	t.Run("the last stage runs nothing and holds the binary alone", func(t *testing.T) {
		if holds(final, `(?m)^(FROM|RUN|COPY [^-])`) || !strings.HasSuffix(final, "\nENTRYPOINT [\"/server\"]\n") {
			t.Error(final)
		}
	})
	t.Run("nothing is fetched by ADD, and no secret is in it", func(t *testing.T) {
		if holds(text, `(?im)^(ADD |(ENV|ARG) .*(secret|token|password|credential|_key))`) {
			t.Error(text)
		}
	})
	t.Run("it has the Go of go.mod, and so have the functions", func(t *testing.T) {
		version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
		if image := images["GO_IMAGE"]; !strings.HasPrefix(image, "golang:"+version+"-") {
			t.Errorf("it is built with %s, and go.mod has %s", image, version)
		}
		build, _ := defaultPlan(t).function(t, "http").body.at("build_config")
		if got := build.text("runtime"); got != "go"+strings.ReplaceAll(version, ".", "") {
			t.Errorf("the functions' runtime is %s, and go.mod has %s", got, version)
		}
	})
}
