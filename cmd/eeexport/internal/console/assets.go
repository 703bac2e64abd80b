package console

import (
	"embed"
	"net/http"
	"path"
)

//go:embed web
var web embed.FS

// contentTypes are the types of the page's files. Those that the system knows may
// differ.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// serveAssets adds the files of the page to mux.
func serveAssets(mux *http.ServeMux) {
	files, err := web.ReadDir("web")
	if err != nil {
		panic("console: " + err.Error()) // they are embedded
	}
	for _, file := range files {
		pattern := "GET /" + file.Name()
		if file.Name() == "index.html" {
			pattern = "GET /{$}"
		}
		body, _ := web.ReadFile("web/" + file.Name())
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentTypes[path.Ext(file.Name())])
			w.Write(body)
		})
	}
}
