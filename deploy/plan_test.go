package deploy_test

import (
	"fmt"
	"testing"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// plan is what a module would make.
type plan []instance

// instance is a resource or a data source as it would be made.
type instance struct {
	kind, name, key string
	body            body
}

// body is a block with its values.
type body struct {
	attrs  map[string]cty.Value
	blocks map[string][]body
}

const (
	moduleDir = "terraform"
	basicDir  = "terraform/examples/basic"
	teamsDir  = "terraform/examples/teams"
	request   = basicDir + "/request.json"
)

// everything sets all variables of the module except the image.
var everything = map[string]string{
	"project":               `"my-project"`,
	"labels":                `{ team = "land" }`,
	"kms_key":               `"projects/my-project/locations/us-central1/keyRings/ring/cryptoKeys/key"`,
	"vpc":                   `{ connector = "projects/my-project/locations/us-central1/connectors/out" }`,
	"min_instances":         `{ event = 1 }`,
	"allowed_projects":      `["my-project", "other-project", "*"]`,
	"allowed_assets":        `["projects/my-project/assets/models", "projects/other-project/assets"]`,
	"allowed_reads":         `["projects/my-project/assets", "gs://my-bucket/models"]`,
	"earth_engine_endpoint": `"https://earthengine-highvolume.googleapis.com"`,
	"otlp_endpoint":         `"https://collector.example.com:4318"`,
	"invokers":              `["user:ann@example.com"]`,
	"publishers":            `["serviceAccount:producer@my-project.iam.gserviceaccount.com"]`,
	"operators":             `["group:operators@example.com"]`,
	"webhook_secret":        `"eeexport-webhook"`,
	"public":                `true`,
	"alert_emails":          `["ann@example.com"]`,
	"notification_channels": `["projects/my-project/notificationChannels/1"]`,
	"schedules":             `{ nightly = { cron = "0 3 * * *", request_file = "` + request + `" } }`,
}

// defaultPlan is the module with nothing but a project.
func defaultPlan(t testing.TB) plan {
	t.Helper()
	return planWith(t, map[string]string{"project": `"my-project"`})
}

// fullPlan is the module with everything.
func fullPlan(t testing.TB) plan {
	t.Helper()
	return planWith(t, everything)
}

func planWith(t testing.TB, values map[string]string) plan {
	t.Helper()
	return planModule(t, moduleDir, given(t, values))
}

func (p plan) ofType(kind string) (found []instance) {
	for _, i := range p {
		if i.kind == kind {
			found = append(found, i)
		}
	}
	return found
}

func (p plan) one(t testing.TB, address string) instance {
	t.Helper()
	for _, i := range p {
		if i.address() == address {
			return i
		}
	}
	t.Fatalf("there is no %s", address)
	return instance{}
}

// function is a function, such as http.
func (p plan) function(t testing.TB, part string) instance {
	t.Helper()
	return p.one(t, fmt.Sprintf("google_cloudfunctions2_function.this[%q]", part))
}

func (i instance) address() string {
	if i.key != "" {
		return fmt.Sprintf("%s.%s[%q]", i.kind, i.name, i.key)
	}
	return i.kind + "." + i.name
}

// environment returns the variables of a function; a secret's value is a
// reference to it.
func (i instance) environment() map[string]string {
	env := map[string]string{}
	service, _ := i.body.at("service_config")
	if v, ok := service.attrs["environment_variables"]; ok {
		for name, value := range v.AsValueMap() {
			env[name] = value.AsString()
		}
	}
	for _, s := range service.blocks["secret_environment_variables"] {
		env[s.text("key")] = s.text("secret") + ":" + s.text("version")
	}
	container, _ := i.body.at("template", "containers")
	for _, v := range container.blocks["env"] {
		env[v.text("name")] = v.text("value")
		if ref, ok := v.at("value_source", "secret_key_ref"); ok {
			env[v.text("name")] = ref.text("secret") + ":" + ref.text("version")
		}
	}
	return env
}

// at returns the first block at a path, and whether there is one.
func (b body) at(path ...string) (body, bool) {
	for _, name := range path {
		if len(b.blocks[name]) == 0 {
			return body{}, false
		}
		b = b.blocks[name][0]
	}
	return b, true
}

// text returns an attribute as text; "" if it is not set.
func (b body) text(name string) string {
	v, ok := b.attrs[name]
	if !ok || v.IsNull() {
		return ""
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		return ""
	}
	return s.AsString()
}
