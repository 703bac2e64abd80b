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
// [handler.ExporterConfig] and [handler.WatcherConfig] document their
// configuration.
package eeexport

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"example.com/eeexport/handler"
	"example.com/eeexport/handler/telemetry"
)

// server holds the framework's server, which the framework does not return; nil
// until the first request.
var server = register(os.Getenv("FUNCTION_TARGET"))

// Middleware wraps every function. Set it before the framework starts.
var Middleware = func(function http.Handler) http.Handler { return function }

// register registers the functions. Only the target works: without one, the
// framework would serve every function, and so the unsigned event door beside a
// signed HTTP door.
func register(target string) *atomic.Pointer[http.Server] {
	server := new(atomic.Pointer[http.Server])
	for name, open := range map[string]func() http.Handler{
		"ExportClassifier":      exportClassifier,
		"ExportClassifierEvent": exportClassifierEvent,
		"WatchOperations":       watchOperations,
	} {
		if name != target {
			open = func() http.Handler { return misconfigured(errors.New("FUNCTION_TARGET does not name " + name)) }
		}
		open = sync.OnceValue(open)
		if name == target {
			// Log a wrong configuration now, not at the first request.
			open()
		}
		functions.HTTP(name, func(w http.ResponseWriter, r *http.Request) {
			if s, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
				server.CompareAndSwap(nil, s)
			}
			Middleware(open()).ServeHTTP(w, r)
		})
	}
	return server
}

func exportClassifier() http.Handler {
	x, err := newExporter()
	if err != nil {
		return misconfigured(err)
	}
	return x
}

func exportClassifierEvent() http.Handler {
	x, err := newExporter()
	if err != nil {
		return misconfigured(err)
	}
	// ServeEvent says why this is not registered with functions.CloudEvent.
	return http.HandlerFunc(x.ServeEvent)
}

func newExporter() (*handler.Exporter, error) {
	cfg, err := handler.ExporterConfigFromEnv(os.Getenv)
	if err != nil {
		return nil, err
	}
	x := handler.New(cfg, telemetry.NewLogger(os.Stderr))
	x.Warm(context.Background())
	return x, nil
}

func watchOperations() http.Handler {
	cfg, err := handler.WatcherConfigFromEnv(os.Getenv)
	if err != nil {
		return misconfigured(err)
	}
	w := handler.NewWatcher(cfg, telemetry.NewLogger(os.Stderr))
	w.Warm(context.Background())
	return w
}

func misconfigured(err error) http.Handler {
	return handler.Misconfigured(err, telemetry.NewLogger(os.Stderr))
}

// Shutdown stops the framework's server: it accepts no more requests, and waits
// until those in flight are answered or ctx is done. The framework's Start
// returns as soon as Shutdown begins. If no function has been called yet, the
// server is unknown and Shutdown returns at once.
func Shutdown(ctx context.Context) error {
	if s := server.Load(); s != nil {
		return s.Shutdown(ctx)
	}
	return nil
}
