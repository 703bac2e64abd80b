package console

import (
	"embed"
	"net/http"
)

//go:embed web
var web embed.FS

const script = "text/javascript; charset=utf-8"

// asset is a file of the page.
type asset struct {
	contentType string
	body        []byte
}

// assets are all files of the page, by their path. Their types stand here, and
// are not what the system takes them for.
var assets = map[string]asset{
	"/{$}":       read("index.html", "text/html; charset=utf-8"),
	"/style.css": read("style.css", "text/css; charset=utf-8"),
	"/cards.css": read("cards.css", "text/css; charset=utf-8"),
	"/app.js":    read("app.js", script),
	"/cards.js":  read("cards.js", script),
	"/column.js": read("column.js", script),
	"/dom.js":    read("dom.js", script),
	"/editor.js": read("editor.js", script),
	"/json.js":   read("json.js", script),
	"/run.js":    read("run.js", script),
	"/icon.svg":  read("icon.svg", "image/svg+xml"),
}

func read(name, contentType string) asset {
	body, err := web.ReadFile("web/" + name)
	if err != nil {
		panic("console: " + err.Error())
	}
	return asset{contentType, body}
}

func (a asset) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.contentType)
	w.Write(a.body)
}
