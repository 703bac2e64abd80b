package console

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// renew makes another export of a request: with a new request ID, and to an
// asset of its own, since the first asset exists once the first export is done.
// All other bytes stay as they are. What has neither is returned unchanged.
func renew(body []byte) []byte {
	var out []byte
	copied := 0
	id := uuid.NewString()
	replace := func(start, end int, text string) {
		out = append(append(out, body[copied:start]...), text...)
		copied = end
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	for {
		token, err := dec.ReadToken()
		if err != nil { // the end, or what is no JSON from here on
			return append(out, body[copied:]...)
		}
		if token.Kind() != '"' {
			continue
		}
		// Without its quotation marks, which stay. One with an escape in it, which
		// no client sends, stays too.
		text := token.String()
		end := int(dec.InputOffset()) - 1
		start := end - len(text)
		if start < copied || string(body[start:end]) != text {
			continue
		}
		name, isName := standsAt(dec)
		switch {
		case isName:
		case name == "/requestId" || name == "/request_id":
			replace(start, end, id)
		case name == "/assetExportOptions/earthEngineDestination/name":
			replace(start+len(withoutSuffix(text)), end, suffix+id[:6])
		}
	}
}

// standsAt tells where the decoder stands, and whether that is at a name.
func standsAt(dec *jsontext.Decoder) (pointer string, isName bool) {
	kind, n := dec.StackIndex(dec.StackDepth())
	return string(dec.StackPointer()), kind == '{' && n%2 == 1
}

// suffix begins what a renewal adds to the name of an asset.
const suffix = "-try"

// withoutSuffix takes off what an earlier renewal has added.
func withoutSuffix(asset string) string {
	name, added, found := cutLast(asset, suffix)
	if found && len(added) == 6 && strings.Trim(added, "0123456789abcdef") == "" {
		return name
	}
	return asset
}

// cutLast is [strings.Cut] at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}
