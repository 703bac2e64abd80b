package main

import "github.com/spf13/cobra"

// newHelpCommand is like cobra's, except that an unknown name is a usageError.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return knownCommand(cmd.Root(), args)
			}
			return found.Help()
		},
	}
}

// newHelpTopics returns the topics of 'eeexport help' besides the commands.
func newHelpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "Environment variables and credentials", Long: `The variables that eeexport reads.

The project is the first that is set:
  --project                    of the command
  GOOGLE_CLOUD_PROJECT         an ID
  CLOUDSDK_CORE_PROJECT        as gcloud has it
  gcloud's configuration       'gcloud config set project'; CLOUDSDK_CONFIG and
                               CLOUDSDK_ACTIVE_CONFIG_NAME choose another one
  the credentials              the project that they belong to

Credentials, as in all of Google's libraries:
  GOOGLE_APPLICATION_CREDENTIALS   a file
  gcloud auth application-default login
  the metadata server              on Google Cloud
  GOOGLE_CLOUD_QUOTA_PROJECT       billed for quota, if a person's credentials
                                   name no project

Services:
  EEEXPORT_URL                 default of 'submit --url'
  EARTHENGINE_ENDPOINT         another Earth Engine, called with credentials
  EARTHENGINE_EMULATOR_HOST    host:port of a stand-in, called without
  PUBSUB_EMULATOR_HOST         the same for Pub/Sub
  CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB and the like
                               another endpoint of an API that 'doctor' calls

Output:
  NO_COLOR                     no colours, unless --color=always
  TERM=dumb                    neither colours nor a moving cursor`},

		{Use: "exit", Short: "Exit statuses", Long: `  0    success
  1    a request was refused, or an Operation or the command failed
  2    wrong usage, or a file that cannot be read
  3    a watched Operation was cancelled
  130  interrupted by Ctrl-C`},

		{Use: "json", Short: "What --json prints", Long: `With --json everything on standard output is JSON, one object per line.

validate   {"file", "valid", "violations": [{"field", "description"}],
           "warnings": [{"field", "description"}], "project", "asset",
           "expression": {"nodes", "classifier", "algorithms", "reads"}}
submit     the Operation as Earth Engine sent it; {} with --validate-only
list       each Operation as Earth Engine sent it
info       the same
watch      {"name", "state", "progress", "stage", "elapsedSeconds",
           "eecuSeconds", "attempt", "error", "operation"} for each change;
           "operation" is there in the last one, as Earth Engine sent it
cancel     {"name", "state", "error"}
redrive    {"message", "publishTime", "bytes", "requestId", "failure": {"code",
           "reason", "message", "violations", "operation", "deliveryAttempt",
           "mayHaveStarted"}, "deadLetter": {"subscription", "deliveries",
           "firstPublished"}, "warning", "foreign", "publishedAs", "error"}
doctor     {"check", "status", "text", "fix"}; "status" is ok, wrong or unknown
version    {"version", "commit", "modified", "go", "platform"}

Empty values are left out. A command that fails prints:
           {"error": {"code", "status", "reason", "message",
           "violations": [{"field", "description"}], "metadata", "advice"}}
"code" is the HTTP status. It is absent if there was no call.

  eeexport list --state FAILED --json | jq -r .error.message
  eeexport submit request.json --json | jq -r '.name // .error.message'
  eeexport watch --json ID | jq -r .state | tail -1`},
	}
}
