package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2/google"
)

// scope is what all checks need: they read the configuration of a project.
const scope = "https://www.googleapis.com/auth/cloud-platform"

const login = "gcloud auth application-default login"

// checkAccount finds the credentials and whose they are, and reports whether
// further checks can use them.
func (d *doctor) checkAccount(ctx context.Context) bool {
	const check = "credentials"
	found, err := google.FindDefaultCredentials(ctx, scope)
	if err != nil {
		d.wrong(check, login, "there are no Application Default Credentials")
		return false
	}
	token, err := found.TokenSource.Token()
	if err != nil {
		d.wrong(check, login, "they get no token: they are revoked, expired or not for this API")
		return false
	}
	var file struct {
		ClientEmail string `json:"client_email"`
		// QuotaProject is billed for the calls of a person's credentials.
		QuotaProject string `json:"quota_project_id"`
	}
	_ = json.Unmarshal(found.JSON, &file) // other credentials have neither
	d.api = &apiClient{
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		now:  d.Now, token: token.AccessToken,
		quotaProject: cmp.Or(os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT"), file.QuotaProject),
	}
	// A service account's token may not say whose it is; its key file does.
	var info struct{ Email string }
	err = d.api.call(ctx, http.MethodPost, "oauth2", "/tokeninfo", url.Values{"access_token": {token.AccessToken}}, &info)
	email := cmp.Or(info.Email, file.ClientEmail)
	d.who = member(email)
	switch {
	case err != nil:
		d.unknown(check, fmt.Errorf("whose they are: %w", err))
	case email == "":
		d.ok(check, "a token that does not say whose it is")
	default:
		d.ok(check, "%s", email)
	}
	return d.Impersonate == "" || d.impersonate(ctx)
}

// member is how IAM names an account.
func member(email string) string {
	switch {
	case email == "":
		return "user:YOU"
	case strings.HasSuffix(email, ".gserviceaccount.com"):
		return "serviceAccount:" + email
	}
	return "user:" + email
}

// impersonate exchanges the token for one of the service account.
func (d *doctor) impersonate(ctx context.Context) bool {
	const check = "impersonation"
	var answer struct {
		AccessToken string `json:"accessToken"`
	}
	err := d.api.call(ctx, http.MethodPost, "iamcredentials", "/v1/projects/-/serviceAccounts/"+d.Impersonate+":generateAccessToken",
		map[string]any{"scope": []string{scope}, "lifetime": "600s"}, &answer)
	fault, refused := err.(*apiError)
	switch {
	case refused && fault.Reason != "SERVICE_DISABLED" && (fault.Code == 403 || fault.Code == 404):
		d.wrong(check, fmt.Sprintf("gcloud iam service-accounts add-iam-policy-binding %s --member=%s --role=roles/iam.serviceAccountTokenCreator", d.Impersonate, d.who),
			"%s may not act as %s, or it does not exist", d.who, d.Impersonate)
		return false
	case err != nil:
		d.unknown(check, err)
		return false
	}
	d.api.token, d.who = answer.AccessToken, member(d.Impersonate)
	d.ok(check, "the checks below run as %s", d.Impersonate)
	return true
}

// maxSkew is how far a clock may be off. Signatures of webhooks and of keys
// tolerate five minutes, and a clock that is a minute off may soon exceed that.
const maxSkew = time.Minute

func (d *doctor) checkClock() {
	const check = "clock"
	skew := d.api.skew.Round(time.Second)
	switch {
	case !d.api.timed:
		d.unknown(check, errors.New("no answer had a Date header"))
	case skew.Abs() > maxSkew:
		d.wrong(check, "sudo timedatectl set-ntp true", "this machine's clock is off by %v compared with Google's", skew)
	default:
		d.ok(check, "within %v of Google's", max(skew.Abs(), time.Second))
	}
}
