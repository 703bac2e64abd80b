package resource

import "testing"

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		name string
		is   func(string) bool
		in   string
		want bool
	}{
		{"a project's ID", IsProject, "projects/my-project", true},
		{"a project's number", IsProject, "projects/12345", true},
		{"a project of a domain", IsProject, "projects/example.com:old", true},
		{"a bare ID", IsProject, "my-project", false},
		{"a project with a path", IsProject, "projects/my-project/assets", false},
		{"a project in upper case", IsProject, "projects/My", false},
		{"an asset", IsAsset, "projects/my-project/assets/a/b_c-D", true},
		{"an asset folder alone", IsAsset, "projects/my-project/assets", false},
		{"an asset with a dot segment", IsAsset, "projects/my-project/assets/../x", false},
		{"an asset with an empty segment", IsAsset, "projects/my-project/assets/a//b", false},
		{"an Operation", IsOperation, "projects/my-project/operations/ABCDEF", true},
		{"an Operation with a dot segment", IsOperation, "projects/my-project/operations/..", false},
		{"an Operation of a dot project", IsOperation, "projects/../operations/X", false},
		{"an Operation with a query", IsOperation, "projects/p/operations/X?y", false},
		{"an Operation without an ID", IsOperation, "projects/p/operations/", false},
	} {
		if got := tc.is(tc.in); got != tc.want {
			t.Errorf("%s: %q is %t, want %t", tc.name, tc.in, got, tc.want)
		}
	}
}

func TestProjectOf(t *testing.T) {
	for in, want := range map[string]string{
		"projects/p/operations/X": "projects/p", "projects/p": "projects/p", "users/me/x": "", "": "",
	} {
		if got := ProjectOf(in); got != want {
			t.Errorf("ProjectOf(%q) = %q, want %q", in, got, want)
		}
	}
}
