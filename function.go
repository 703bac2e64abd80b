// Package eeexport is a Cloud Function that saves trained Earth Engine
// classifiers as assets: it takes requests for projects.classifier.export from
// an HTTP and a Pub/Sub CloudEvent trigger, submits them, and publishes the
// Operations that Earth Engine starts.
//
// Importing the package registers its functions with the Functions Framework,
// which serves the one that FUNCTION_TARGET names:
//
//	ExportClassifier       the HTTP trigger
//	ExportClassifierEvent  the CloudEvent trigger
//	WatchOperations        the tick that publishes how Operations have ended
//
// Their configuration is that of [handler.Config].
package eeexport

import (
	"context"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"example.com/eeexport/handler"
)

// registered is the registration: what the functions of this process share.
var registered = register()

// ballastBytes is about what a function's heap has at rest.
const ballastBytes = 4 << 20

type registration struct {
	// exporter and watcher are made on first use, from the environment.
	exporter func() *handler.Exporter
	watcher  func() *handler.Watcher
	// ballast is never touched, and so has no memory behind it. It counts as heap,
	// of which a function that serves small requests has so little that the
	// garbage collector would run every few dozen of them. GOGC would do the same
	// for those, and make large requests keep twice as much.
	ballast []byte
	// server calls the functions. The framework keeps it to itself, but its
	// requests name it.
	server atomic.Pointer[http.Server]
}

func register() *registration {
	r := &registration{exporter: sync.OnceValue(newExporter), watcher: sync.OnceValue(newWatcher)}
	functions.HTTP("ExportClassifier", func(w http.ResponseWriter, req *http.Request) {
		r.servedBy(req.Context())
		r.exporter().ServeHTTP(w, req)
	})
	// Not with functions.CloudEvent, for what [handler.Exporter.ServeEvent] says.
	functions.HTTP("ExportClassifierEvent", func(w http.ResponseWriter, req *http.Request) {
		r.servedBy(req.Context())
		r.exporter().ServeEvent(w, req)
	})
	functions.HTTP("WatchOperations", func(w http.ResponseWriter, req *http.Request) {
		r.servedBy(req.Context())
		r.watcher().ServeHTTP(w, req)
	})
	// A process with a target is here to serve: what is wrong with its
	// configuration is said before the first request, and credentials are found
	// while the server starts.
	switch os.Getenv("FUNCTION_TARGET") {
	case "":
		return r
	case "WatchOperations":
		r.watcher().Warm(context.Background())
	default:
		r.exporter().Warm(context.Background())
	}
	r.ballast = make([]byte, ballastBytes)
	return r
}

func newExporter() *handler.Exporter {
	cfg, err := handler.ConfigFromEnv(os.Getenv)
	return handler.New(cfg, err, handler.NewLogger(os.Stderr))
}

func newWatcher() *handler.Watcher {
	cfg, err := handler.ConfigFromEnv(os.Getenv)
	return handler.NewWatcher(cfg, err, handler.NewLogger(os.Stderr))
}

func (r *registration) servedBy(ctx context.Context) {
	if r.server.Load() == nil {
		if server, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok {
			r.server.Store(server)
		}
	}
}

// Shutdown makes the server that the framework has started accept no more
// requests, and waits until those under way have been answered or ctx ends. The
// framework's Start returns as soon as it begins. Where no function has been
// called yet there is no server to be known: Shutdown returns at once, and what
// was still being received comes again.
func Shutdown(ctx context.Context) error {
	if server := registered.server.Load(); server != nil {
		return server.Shutdown(ctx)
	}
	return nil
}
