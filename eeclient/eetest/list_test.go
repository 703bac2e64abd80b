package eetest

import (
	"fmt"
	"slices"
	"testing"
)

func TestListGoesByPages(t *testing.T) {
	clock := NewClock(epoch)
	s := newTestServer(t, WithClock(clock), WithQuotas(Quotas{RequestsPerSecond: -1}))
	var names []string // newest first
	for i := range 120 {
		names = append(names, export(t, s, toAsset(fmt.Sprint("a", i))).Name)
	}
	slices.Reverse(names)
	do(t, "POST", s.URL+"/v1/projects/q/classifier:export", request()).operation(t)

	t.Run("newest first, a hundred on a page", func(t *testing.T) {
		if got, next := list(t, s, listPath); !slices.Equal(got, names[:100]) || next == "" {
			t.Errorf("%d Operations, token %q", len(got), next)
		}
	})
	t.Run("the pages together are all, also when more start meanwhile", func(t *testing.T) {
		got, next := list(t, s, listPath+"?pageSize=50")
		for next != "" {
			export(t, s, toAsset(fmt.Sprint("b", len(got))))
			var page []string
			page, next = list(t, s, listPath+"?page_size=50&pageToken="+next)
			got = append(got, page...)
		}
		if !slices.Equal(got, names) {
			t.Errorf("%d Operations, want the %d", len(got), len(names))
		}
	})
	t.Run("the last page may be full", func(t *testing.T) {
		if _, next := list(t, s, "/v1/projects/q/operations?pageSize=1"); next != "" {
			t.Errorf("a token for nothing: %s", next)
		}
	})
	t.Run("a page is what operations.get says of each", func(t *testing.T) {
		var page struct{ Operations []wireOperation }
		decode(t, do(t, "GET", s.URL+listPath+"?pageSize=1", "").body, &page)
		op := page.Operations[0]
		if got := get(t, s, op.Name); fmt.Sprint(got.Metadata) != fmt.Sprint(op.Metadata) {
			t.Errorf("%v, want %v", got, op)
		}
	})
	t.Run("a project without Operations has an empty list", func(t *testing.T) {
		if res := do(t, "GET", s.URL+"/v1/projects/none/operations", ""); res.status != 200 || string(res.body) != "{}" {
			t.Errorf("%d %s", res.status, res.body)
		}
	})
	_, token := list(t, s, listPath+"?pageSize=1")
	for name, url := range map[string]string{
		"a negative page size is refused":         listPath + "?pageSize=-1",
		"a page size that is a word is refused":   listPath + "?pageSize=many",
		"an invalid token is refused":             listPath + "?pageToken=xyz",
		"a token of another project is refused":   "/v1/projects/q/operations?pageToken=" + token,
		"a filter is refused":                     listPath + "?filter=done%3Dtrue",
		"a parameter that is misspelt is refused": listPath + "?pagesize=1",
	} {
		t.Run(name, func(t *testing.T) {
			if e := do(t, "GET", s.URL+url, "").error(t); e.Code != 400 || e.Status != "INVALID_ARGUMENT" || len(e.Details.FieldViolations()) != 1 {
				t.Errorf("%+v", e)
			}
		})
	}
}
