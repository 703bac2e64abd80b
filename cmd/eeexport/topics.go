package main

import "github.com/spf13/cobra"

// newHelpCommand is cobra's, but for a name that does not exist, which is wrong
// use.
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

// newHelpTopics returns what 'eeexport help' explains beside the commands.
func newHelpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "Environment variables and credentials", Long: `The variables that eeexport reads.

Which project, the first that is set:
  --project                    of the command
  GOOGLE_CLOUD_PROJECT         an ID
  CLOUDSDK_CORE_PROJECT        as gcloud has it
  gcloud's configuration       'gcloud config set project'; CLOUDSDK_CONFIG and
                               CLOUDSDK_ACTIVE_CONFIG_NAME choose another one
  the credentials              the project that they belong to

Whose credentials, as all of Google's libraries have it:
  GOOGLE_APPLICATION_CREDENTIALS   a file
  gcloud auth application-default login
  the metadata server              on Google Cloud
  GOOGLE_CLOUD_QUOTA_PROJECT       billed for quota, if a person's credentials
                                   name no project

Where:
  EEEXPORT_URL                 default of 'submit --url'
  EARTHENGINE_ENDPOINT         another Earth Engine, called with credentials
  EARTHENGINE_EMULATOR_HOST    host:port of a stand-in, called without
  PUBSUB_EMULATOR_HOST         the same for Pub/Sub
  CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB and the like
                               another one of the APIs that 'doctor' asks

How:
  NO_COLOR                     no colours, unless --color=always
  TERM=dumb                    neither colours nor a moving cursor`},

		{Use: "exit", Short: "Exit statuses", Long: `  0    all is well
  1    a request was refused, or what was asked for has failed
  2    eeexport was called wrongly, or a file cannot be read
  3    what was watched has been cancelled
  130  Ctrl-C ended what was not done`},

		{Use: "json", Short: "What --json prints", Long: `With --json everything on standard output is JSON, an object a line.

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

What is empty is absent. A command that fails prints, in place of a text:
           {"error": {"code", "status", "reason", "message",
           "violations": [{"field", "description"}], "metadata", "advice"}}
"code" is the HTTP status, and absent if there was no call.

  eeexport list --state FAILED --json | jq -r .error.message
  eeexport submit request.json --json | jq -r '.name // .error.message'
  eeexport watch --json ID | jq -r .state | tail -1`},
	}
}
