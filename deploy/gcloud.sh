#!/usr/bin/env bash
# Deploys the core of eeexport with gcloud, for those who have no Terraform: the
# service accounts and their grants, the topics, the functions, the push
# subscription with its dead letters, the watcher, and scheduled exports. The
# dashboard and the alerts come with Terraform alone.
#
# It looks at what is there, prints the commands that are missing, asks, and
# runs just those. Run again it finds nothing to do. It makes what is missing,
# and deploys a function again when its source or its settings have changed; it
# changes nothing else that is there, and deletes nothing.
#
# deploy/terraform says why each thing is as it is.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: gcloud.sh --project ID [option…]

  --project ID              project to deploy to; it must be registered with Earth Engine
  --region REGION           region of the functions and jobs (us-central1)
  --name NAME               what all names begin with (eeexport)
  --allowed-projects LIST   ALLOWED_PROJECTS: projects that a request may name, comma-separated
  --allowed-assets LIST     ALLOWED_ASSETS: prefixes of assets that may be written, comma-separated
  --expression-check LEVEL  EXPRESSION_CHECK: strict, structure or off (strict)
  --invoker MEMBER          may call ExportClassifier, such as user:ann@example.com; repeatable
  --publisher MEMBER        may publish requests; repeatable
  --webhook-secret ID       secret in Secret Manager: adds a function for signed webhooks
  --public                  lets anybody reach that function; only with --webhook-secret
  --schedule NAME CRON FILE a scheduled export of the request in FILE; repeatable
  --time-zone ZONE          time zone of the schedules (Etc/UTC)
  --settle SECONDS          how long to wait after new grants (60)
  --dry-run                 print what is missing, and stop
  --yes                     do not ask
EOF
}

# Instances times requests at once, added up, and the watcher's calls: what
# Earth Engine sees at once. It serves 40.
event_instances=2 event_concurrency=6
http_instances=2 http_concurrency=2
webhook_instances=2 webhook_concurrency=2
watcher_calls=20
earth_engine_concurrency=40

timeout=120       # below the acknowledgement deadline of 600
memory=1Gi        # a request of 10 MiB is held several times over
max_request_bytes=10485760
max_delivery_attempts=100
runtime=go126

project='' region=us-central1 name=eeexport
allowed_projects='' allowed_assets='' expression_check=strict
webhook_secret='' public='' time_zone=Etc/UTC
settle=60 dry_run='' yes=''
invokers=() publishers=() schedules=()

fail() {
  printf 'gcloud.sh: %s\n' "$1" >&2
  exit 2
}

matches() { [[ $1 =~ $2 ]]; }

while [ $# -gt 0 ]; do
  case $1 in
    --project | --region | --name | --allowed-projects | --allowed-assets | --expression-check | \
      --webhook-secret | --time-zone | --settle | --invoker | --publisher)
      [ $# -ge 2 ] || fail "$1 needs a value"
      ;;
  esac
  case $1 in
    --project) project=$2 && shift ;;
    --region) region=$2 && shift ;;
    --name) name=$2 && shift ;;
    --allowed-projects) allowed_projects=$2 && shift ;;
    --allowed-assets) allowed_assets=$2 && shift ;;
    --expression-check) expression_check=$2 && shift ;;
    --webhook-secret) webhook_secret=$2 && shift ;;
    --time-zone) time_zone=$2 && shift ;;
    --settle) settle=$2 && shift ;;
    --invoker) invokers+=("$2") && shift ;;
    --publisher) publishers+=("$2") && shift ;;
    --schedule)
      [ $# -ge 4 ] || fail '--schedule needs a name, a cron expression and a file'
      schedules+=("$2" "$3" "$4") && shift 3
      ;;
    --public) public=1 ;;
    --dry-run) dry_run=1 ;;
    --yes) yes=1 ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "unknown option $1"
      ;;
  esac
  shift
done

matches "$project" '^[a-z][a-z0-9-]{4,28}[a-z0-9]$' || fail '--project: give a project ID'
matches "$region" '^[a-z]+-[a-z]+[0-9]+$' || fail '--region: give a region, such as us-central1'
matches "$name" '^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$' || fail '--name: use 1 to 20 of a-z, 0-9 and -, beginning with a letter'
matches "$settle" '^[0-9]+$' || fail '--settle: give a number of seconds'
matches "$expression_check" '^(strict|structure|off)$' || fail '--expression-check: it is strict, structure or off'
[ -z "$webhook_secret" ] || matches "$webhook_secret" '^[A-Za-z0-9_-]+$' || fail "--webhook-secret: give a secret's ID, not the secret"
[ "${webhook_secret#whsec_}" = "$webhook_secret" ] || fail "--webhook-secret: give a secret's ID, not the secret"
[ -z "$public" ] || [ -n "$webhook_secret" ] || fail '--public: without --webhook-secret anybody could start exports'
for member in ${invokers[@]+"${invokers[@]}"} ${publishers[@]+"${publishers[@]}"}; do
  matches "$member" '^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$' || fail "$member is no named member"
done
for ((i = 0; i < ${#schedules[@]}; i += 3)); do
  file=${schedules[i + 2]}
  matches "${schedules[i]}" '^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$' || fail "--schedule ${schedules[i]}: use 1 to 50 of a-z, 0-9 and -"
  [ -r "$file" ] || fail "--schedule ${schedules[i]}: $file cannot be read"
  # With one, every run would give the first run's Operation, and start nothing.
  ! grep -qE '"(requestId|request_id)"[[:space:]]*:' "$file" || fail "--schedule ${schedules[i]}: $file holds a requestId"
done
((event_instances * event_concurrency + http_instances * http_concurrency + webhook_instances * webhook_concurrency + watcher_calls <= earth_engine_concurrency)) ||
  fail 'the bounds are more than Earth Engine serves at once'
command -v gcloud >/dev/null || fail 'gcloud is not installed'

root=$(cd "$(dirname "$0")/.." && pwd)

# The plan: commands to be run in order, quoted. A URL that is known only once
# its function is deployed stands in it as URL-OF-name.
plan=()

add() {
  local line
  printf -v line '%q ' "$@"
  plan+=("${line% }")
}

# have tells whether a resource can be described.
have() { gcloud "$@" --project="$project" --format='value(name)' >/dev/null 2>&1; }

# granted tells whether a policy has a binding: granted ROLE MEMBER, and the
# command that gets the policy.
granted() {
  local role=$1 member=$2
  shift 2
  [ -n "$(gcloud "$@" --flatten='bindings[].members' \
    --filter="bindings.role=\"$role\" AND bindings.members=\"$member\"" \
    --format='value(bindings.role)' 2>/dev/null)" ]
}

# grant ROLE MEMBER, and what on: the command without get-iam-policy or
# add-iam-policy-binding, a slash, and its resource with flags.
grant() {
  local role=$1 member=$2 on=()
  shift 2
  while [ "$1" != / ]; do on+=("$1") && shift; done
  shift
  granted "$role" "$member" "${on[@]}" get-iam-policy "$@" && return
  # A policy that has conditions wants to be told that this binding has none;
  # Pub/Sub's policies have none.
  [ "${on[0]}" = pubsub ] || set -- "$@" --condition=None
  add gcloud "${on[@]}" add-iam-policy-binding "$@" --member="$member" --role="$role" --quiet
  new_grants=1
}

account() { printf '%s-%s@%s.iam.gserviceaccount.com' "$name" "$1" "$project"; }

# digest gives 40 digits that stand for standard input.
digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-40
}

# source_digest stands for all that the functions are built from.
source_digest() {
  (
    cd "$root"
    find . -type f \( -name '*.go' -o -name go.mod -o -name go.sum \) ! -name '*_test.go' \
      ! -path './cmd/*' ! -path './deploy/*' ! -path './.*' | LC_ALL=C sort | while IFS= read -r file; do
      printf '%s\n' "$file"
      cat "$file"
    done
  ) | digest
}

# deploy deploys a function, unless it is there with this source and these
# settings: deploy NAME ENTRY_POINT flags…
deploy() {
  local service=$1 entry_point=$2 config
  shift 2
  set -- --gen2 --entry-point="$entry_point" --runtime="$runtime" --source="$root" --ignore-file=deploy/.gcloudignore \
    --build-service-account="projects/$project/serviceAccounts/$(account builder)" \
    --trigger-http --no-allow-unauthenticated --cpu=1 "$@"
  config=$(printf '%s\n' "$source" "$entry_point" "${@//"$root"/}" | digest)
  [ "$(gcloud functions describe "$service" --gen2 --region="$region" --project="$project" \
    --format='value(labels.eeexport-config)' 2>/dev/null)" = "$config" ] && return
  add gcloud functions deploy "$service" --region="$region" --project="$project" "$@" \
    --update-labels="app=$name,eeexport-config=$config" --quiet
}

topic() {
  have pubsub topics describe "$name-$1" ||
    add gcloud pubsub topics create "$name-$1" --project="$project" --labels="app=$name" --message-retention-duration=7d
}

# job NAME SERVICE flags…
job() {
  local job=$1 service=$2
  shift 2
  have scheduler jobs describe "$job" --location="$region" ||
    add gcloud scheduler jobs create http "$job" --location="$region" --project="$project" \
      --uri="URL-OF-$service/" --http-method=POST \
      --oidc-service-account-email="$(account scheduler)" --oidc-token-audience="URL-OF-$service" "$@"
}

number=$(gcloud projects describe "$project" --format='value(projectNumber)') || fail "the project $project cannot be seen"
agent=serviceAccount:service-$number@gcp-sa-pubsub.iam.gserviceaccount.com
source=$(source_digest)
new_grants=''

# APIs, and Pub/Sub's own account, which a new project does not have yet.
enabled=$(gcloud services list --enabled --project="$project" --format='value(config.name)')
missing=()
for api in artifactregistry cloudbuild cloudfunctions cloudscheduler earthengine iam iamcredentials logging pubsub run secretmanager; do
  grep -qx "$api.googleapis.com" <<<"$enabled" || missing+=("$api.googleapis.com")
done
[ ${#missing[@]} -eq 0 ] || add gcloud services enable "${missing[@]}" --project="$project"
have pubsub topics describe "$name-requests" ||
  add gcloud beta services identity create --service=pubsub.googleapis.com --project="$project" --quiet

# Accounts.
for part in exporter watcher pusher scheduler builder; do
  have iam service-accounts describe "$(account "$part")" ||
    add gcloud iam service-accounts create "$name-$part" --display-name="$name: $part" --project="$project"
done
targets=$project
[ -z "$allowed_projects" ] || targets=$(tr ',' '\n' <<<"$allowed_projects" | sed -e 's/^ *//' -e 's/ *$//' -e 's,^projects/,,' | grep -vx '\*' || true)
for target in ${targets:-$project}; do
  grant roles/earthengine.writer "serviceAccount:$(account exporter)" projects / "$target"
  grant roles/earthengine.viewer "serviceAccount:$(account watcher)" projects / "$target"
  for part in exporter watcher; do
    grant roles/serviceusage.serviceUsageConsumer "serviceAccount:$(account "$part")" projects / "$target"
  done
done
for role in artifactregistry.writer logging.logWriter storage.objectViewer; do
  grant "roles/$role" "serviceAccount:$(account builder)" projects / "$project"
done

# Topics, and who publishes to them.
for part in requests operations completions failures dead-letters; do
  topic "$part"
done
grant roles/pubsub.publisher "serviceAccount:$(account exporter)" pubsub topics / "$name-operations" --project="$project"
grant roles/pubsub.publisher "serviceAccount:$(account exporter)" pubsub topics / "$name-failures" --project="$project"
grant roles/pubsub.publisher "serviceAccount:$(account watcher)" pubsub topics / "$name-completions" --project="$project"
grant roles/pubsub.publisher "$agent" pubsub topics / "$name-dead-letters" --project="$project"
for member in ${publishers[@]+"${publishers[@]}"}; do
  grant roles/pubsub.publisher "$member" pubsub topics / "$name-requests" --project="$project"
done

# What needs a person, and what is under way.
for part in failures dead-letters; do
  have pubsub subscriptions describe "$name-$part" ||
    add gcloud pubsub subscriptions create "$name-$part" --project="$project" --topic="$name-$part" --labels="app=$name" \
      --ack-deadline=60 --message-retention-duration=31d --expiration-period=never
done
have pubsub subscriptions describe "$name-pending" ||
  add gcloud pubsub subscriptions create "$name-pending" --project="$project" --topic="$name-operations" --labels="app=$name" \
    --ack-deadline=60 --message-retention-duration=31d --expiration-period=never --min-retry-delay=10s --max-retry-delay=60s
grant roles/pubsub.subscriber "serviceAccount:$(account watcher)" pubsub subscriptions / "$name-pending" --project="$project"
[ -z "$webhook_secret" ] ||
  grant roles/secretmanager.secretAccessor "serviceAccount:$(account exporter)" secrets / "$webhook_secret" --project="$project"

# A build that starts within the minute can be refused what was just granted.
[ -z "$new_grants" ] || add sleep "$settle"

# Functions, and who calls them.
common="GOOGLE_CLOUD_PROJECT=$project;OPERATIONS_TOPIC=$name-operations"
exporter="$common;FAILURES_TOPIC=$name-failures;EXPRESSION_CHECK=$expression_check;MAX_REQUEST_BYTES=$max_request_bytes"
[ -z "$allowed_projects" ] || exporter="$exporter;ALLOWED_PROJECTS=$allowed_projects"
[ -z "$allowed_assets" ] || exporter="$exporter;ALLOWED_ASSETS=$allowed_assets"
watcher="$common;COMPLETIONS_TOPIC=$name-completions;PENDING_SUBSCRIPTION=$name-pending"

deploy "$name-http" ExportClassifier --run-service-account="$(account exporter)" --ingress-settings=all \
  --max-instances="$http_instances" --concurrency="$http_concurrency" --memory="$memory" --timeout="${timeout}s" \
  --set-env-vars="^;^$exporter"
deploy "$name-event" ExportClassifierEvent --run-service-account="$(account exporter)" --ingress-settings=internal-only \
  --max-instances="$event_instances" --concurrency="$event_concurrency" --memory="$memory" --timeout="${timeout}s" \
  --set-env-vars="^;^$exporter"
deploy "$name-watcher" WatchOperations --run-service-account="$(account watcher)" --ingress-settings=internal-only \
  --max-instances=1 --concurrency=1 --memory=512Mi --timeout=60s \
  --set-env-vars="^;^$watcher"
[ -z "$webhook_secret" ] ||
  deploy "$name-webhook" ExportClassifier --run-service-account="$(account exporter)" --ingress-settings=all \
    --max-instances="$webhook_instances" --concurrency="$webhook_concurrency" --memory="$memory" --timeout="${timeout}s" \
    --set-env-vars="^;^$exporter" --set-secrets="WEBHOOK_SECRET=$webhook_secret:latest"

invoke() { grant roles/run.invoker "$2" run services / "$name-$1" --region="$region" --project="$project"; }
invoke event "serviceAccount:$(account pusher)"
invoke http "serviceAccount:$(account scheduler)"
invoke watcher "serviceAccount:$(account scheduler)"
for member in ${invokers[@]+"${invokers[@]}"}; do
  invoke http "$member"
  [ -z "$webhook_secret" ] || invoke webhook "$member"
done
[ -z "$public" ] || invoke webhook allUsers

# Requests: pushed with a token, delivered again after 10 to 600 seconds, and
# moved to the dead letters in the end, by an account that may do that.
grant roles/iam.serviceAccountTokenCreator "$agent" iam service-accounts / "$(account pusher)" --project="$project"
have pubsub subscriptions describe "$name-requests" ||
  add gcloud pubsub subscriptions create "$name-requests" --project="$project" --topic="$name-requests" --labels="app=$name" \
    --ack-deadline=600 --message-retention-duration=31d --expiration-period=never \
    --min-retry-delay=10s --max-retry-delay=600s \
    --dead-letter-topic="$name-dead-letters" --max-delivery-attempts="$max_delivery_attempts" \
    --push-endpoint="URL-OF-$name-event/projects/$project/topics/$name-requests" \
    --push-auth-service-account="$(account pusher)" --push-auth-token-audience="URL-OF-$name-event"
grant roles/pubsub.subscriber "$agent" pubsub subscriptions / "$name-requests" --project="$project"

# What runs by itself.
job "$name-watcher" "$name-watcher" --schedule='* * * * *' --time-zone=Etc/UTC --attempt-deadline=60s --max-retry-attempts=0 \
  --description='One look a minute at the exports that are under way'
for ((i = 0; i < ${#schedules[@]}; i += 3)); do
  job "$name-${schedules[i]}" "$name-http" --schedule="${schedules[i + 1]}" --time-zone="$time_zone" \
    --description='Exports a classifier' --headers=Content-Type=application/json \
    --message-body-from-file="${schedules[i + 2]}" --attempt-deadline="${timeout}s" \
    --max-retry-attempts=5 --min-backoff=30s --max-backoff=600s --max-retry-duration=3600s
done

if [ ${#plan[@]} -eq 0 ]; then
  printf 'Nothing to do: %s is deployed to %s.\n' "$name" "$project"
  exit 0
fi
printf 'To do in project %s:\n' "$project"
printf '  %s\n' "${plan[@]}"
[ -z "$dry_run" ] || exit 0
if [ -z "$yes" ]; then
  read -r -p "Run these ${#plan[@]} commands? [y/N] " answer || answer=''
  case $answer in
    y | Y | yes) ;;
    *)
      printf 'Nothing was done.\n'
      exit 1
      ;;
  esac
fi

url() {
  gcloud functions describe "$1" --gen2 --region="$region" --project="$project" --format='value(serviceConfig.uri)'
}

for line in "${plan[@]}"; do
  while [[ $line =~ URL-OF-($name-(http|event|watcher)) ]]; do
    # Apart from the substitution, so that a failure ends the script.
    found=$(url "${BASH_REMATCH[1]}")
    [ -n "$found" ] || fail "${BASH_REMATCH[1]} has no URL"
    line=${line//"${BASH_REMATCH[0]}"/"$found"}
  done
  printf '+ %s\n' "$line"
  eval "$line"
done
printf 'Done. ExportClassifier is at %s\n' "$(url "$name-http")"
