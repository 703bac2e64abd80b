package handler_test

import (
	"testing"

	"example.com/eeexport/handler/handlertest"
)

func TestAuthorization(t *testing.T) {
	d := handlertest.Deploy(t, map[string]string{"ALLOWED_PROJECTS": "my-project,second-project", "ALLOWED_ASSETS": "projects/my-project/assets/models,projects/earthengine-legacy/assets/users/me"})
	for _, tc := range []struct {
		name string
		with handlertest.Fields
		code int
	}{
		{"an asset below a prefix", handlertest.Asset("projects/my-project/assets/models/a/b"), 200},
		{"the prefix itself", handlertest.Asset("projects/my-project/assets/models"), 200},
		{"a legacy asset that is allowed", handlertest.Asset("projects/earthengine-legacy/assets/users/me/rf"), 200},
		{"a second project", handlertest.Fields{"project": `"projects/second-project"`, "assetExportOptions": handlertest.Asset("projects/my-project/assets/models/x")["assetExportOptions"]}, 200},
		{"an asset beside the prefix", handlertest.Asset("projects/my-project/assets/models2/a"), 403},
		{"an asset above the prefix", handlertest.Asset("projects/my-project/assets/other"), 403},
		{"somebody else's legacy asset", handlertest.Asset("projects/earthengine-legacy/assets/users/me2/rf"), 403},
		{"a prefix in capitals", handlertest.Asset("projects/my-project/assets/Models/a"), 403},
		{"a dot segment", handlertest.Asset("projects/my-project/assets/models/../other"), 400},
		{"a single dot", handlertest.Asset("projects/my-project/assets/models/./x"), 400},
		{"an empty segment", handlertest.Asset("projects/my-project/assets/models//x"), 400},
		{"a slash at the end", handlertest.Asset("projects/my-project/assets/models/"), 400},
		{"an encoded slash", handlertest.Asset("projects/my-project/assets/models%2F..%2Fother"), 400},
		{"a full-width solidus", handlertest.Asset("projects/my-project/assets/models／x"), 400},
		{"a letter that folds to k", handlertest.Asset("projects/my-project/assets/models/\u212aelvin"), 400},
		{"a backslash", handlertest.Asset(`projects/my-project/assets/models\x`), 400},
		{"a NUL", handlertest.Fields{"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/models/a\u0000"}}`}, 400},
		{"a newline after the name", handlertest.Fields{"assetExportOptions": `{"earthEngineDestination":{"name":"projects/my-project/assets/models/a\n"}}`}, 400},
		{"a placeholder outside of the last segment", handlertest.Asset("projects/my-project/assets/{date}/a"), 400},
		{"a project that has an allowed one as prefix", handlertest.Fields{"project": `"projects/my-project2"`}, 403},
		{"a project by a number that is not listed", handlertest.Fields{"project": `"projects/123"`}, 403},
		{"a project with a slash", handlertest.Fields{"project": `"projects/my-project/x"`}, 400},
		{"a project that ends in a newline", handlertest.Fields{"project": `"projects/my-project\n"`}, 400},
	} {
		for _, door := range handlertest.Doors {
			t.Run(tc.name+"/"+door.Name, func(t *testing.T) {
				before := d.Counts()
				answer := door.Send(d, t, t.Name(), tc.with.Body())
				got := d.Counts().Since(before)
				code := answer.Code
				if door.Name == "event" && got.Failures == 1 {
					code = map[string]int{"PERMISSION_DENIED": 403, "INVALID_ARGUMENT": 400}[d.Last(t, "failures").Attributes["code"]]
				}
				if code != tc.code || (got.Calls > 0) != (tc.code == 200) {
					t.Errorf("%d %s, led to %+v", code, answer.Body, got)
				}
			})
		}
	}
}
