package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// operatorsRoles are the roles that the runbook's commands take. Any other
// command is for the deployer or for an owner of the project.
var operatorsRoles = map[string]string{
	"gcloud logging read":                                   "roles/logging.viewer my-project",
	"gcloud run services get-iam-policy":                    "roles/run.viewer my-project",
	"gcloud scheduler jobs describe":                        "roles/cloudscheduler.viewer my-project",
	"gcloud scheduler jobs list":                            "roles/cloudscheduler.viewer my-project",
	"gcloud pubsub subscriptions describe":                  "roles/pubsub.viewer my-project",
	"gcloud pubsub subscriptions list":                      "roles/pubsub.viewer my-project",
	`gcloud pubsub subscriptions pull "$NAME-dead-letters"`: "roles/pubsub.subscriber eeexport-dead-letters",
	`gcloud pubsub subscriptions seek "$NAME-failures"`:     "roles/pubsub.subscriber eeexport-failures",
	`gcloud pubsub topics publish "$NAME-requests"`:         "roles/pubsub.publisher eeexport-requests",
	`eeexport redrive --subscription "$NAME-failures"`:      "roles/pubsub.subscriber eeexport-failures",
	`eeexport redrive --subscription "$NAME-dead-letters"`:  "roles/pubsub.subscriber eeexport-dead-letters",
	"eeexport redrive --dry-run":                            "roles/pubsub.subscriber eeexport-dead-letters",
	"eeexport list":                                         "roles/earthengine.viewer my-project",
}

func TestOperatorsCanDoEveryStepThatIsTheirs(t *testing.T) {
	grants := fullPlan(t).grants()
	text := read(t, "README.md")
	runbook := text[strings.Index(text, "\n### Failures published"):]
	ran := map[string]bool{}
	for _, section := range strings.Split(runbook, "\n### ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		marked := false // the rest of the section is the deployer's
		for line := range strings.Lines(section) {
			marked = marked || strings.Contains(line, "**What to do,** *deployer*")
			for _, command := range regexp.MustCompile("\\b(gcloud|eeexport) [a-z][^`]*").FindAllString(line, -1) {
				prefix, role := operatorsRole(command)
				ran[prefix] = true
				switch {
				case role == "" && !marked && !regexp.MustCompile(`\*([Dd]eployer|[Pp]roject)`).MatchString(line):
					t.Errorf("%s: who may do this? %s", title, command)
				case role != "" && !slices.Contains(grants, "group:operators@example.com "+role):
					t.Errorf("%s: nothing grants %s", title, role)
				}
			}
		}
	}
	for prefix := range operatorsRoles {
		if !ran[prefix] {
			t.Errorf("the runbook has no %s", prefix)
		}
	}
}

// operatorsRole returns the entry of operatorsRoles for a command; "" for none.
func operatorsRole(command string) (prefix, role string) {
	for prefix, role := range operatorsRoles {
		if strings.HasPrefix(command, prefix) {
			return prefix, role
		}
	}
	return "", ""
}
