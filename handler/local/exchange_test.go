package local_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/eeexport/handler/local"
)

func TestExchanges(t *testing.T) {
	const limit = 256 << 10
	exchanges := make(chan local.Exchange, 8)
	s := start(t, local.Config{OnExchange: func(e local.Exchange) { exchanges <- e }})
	for _, tc := range []struct {
		name   string
		body   string
		status int
		kept   int // bytes of the body
	}{
		{"a request and its answer are reported", `{"message":{"data":"NDAw"},"deliveryAttempt":7}`, 400, 47},
		{"a long body is cut", `{"message":{"data":"NDAw"}}` + strings.Repeat(" ", 2*limit), 400, 27},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.HTTPURL+"/v1beta?a=b", strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer secret")
			req.Header.Set("Idempotency-Key", "k")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			begun, ended := await(t, exchanges), await(t, exchanges)
			if begun.ExecutionID == "" || begun.ExecutionID != ended.ExecutionID || begun.Status != 0 || ended.Status != tc.status {
				t.Errorf("%+v\n%+v", begun, ended)
			}
			if ended.Target != "ExportClassifier" || ended.Method != "POST" || ended.URI != "/v1beta?a=b" || ended.Header.Get("Idempotency-Key") != "k" ||
				ended.Header.Get("Authorization") != "" || !strings.HasPrefix(tc.body, string(ended.Body)) || ended.Bytes < tc.kept || len(ended.Body) > limit {
				t.Errorf("%+v", ended)
			}
		})
	}
}
