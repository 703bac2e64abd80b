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
// Their configuration is that of [handler.ExporterConfig] and
// [handler.WatcherConfig].
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

// server calls the functions. The framework keeps it to itself, but requests
// name it.
var server = register(os.Getenv("FUNCTION_TARGET"))

// Middleware is what every function is called through. It is set before the
// framework starts, or not at all.
var Middleware = func(function http.Handler) http.Handler { return function }

// register registers the functions. Only the target is made to work: the event
// door must not stand unsigned beside a signed HTTP door because nobody chose
// between them.
func register(target string) *atomic.Pointer[http.Server] {
	server := new(atomic.Pointer[http.Server])
	for name, open := range map[string]func() http.Handler{
		"ExportClassifier":      exportClassifier,
		"ExportClassifierEvent": exportClassifierEvent,
		"WatchOperations":       watchOperations,
	} {
		if name != target {
			open = func() http.Handler { return misconfigured(errors.New("FUNCTION_TARGET: does not name " + name)) }
		}
		open = sync.OnceValue(open)
		if name == target {
			// A wrong configuration is logged before the first request.
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
	// With functions.HTTP and not functions.CloudEvent, for the reason that
	// ServeEvent gives.
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

// Shutdown makes the server that the framework has started accept no more
// requests, and waits until those under way have been answered or ctx ends. The
// framework's Start returns as soon as it begins. If no function has been called
// yet the server is not known: Shutdown returns at once, and what was still being
// received is sent again.
func Shutdown(ctx context.Context) error {
	if s := server.Load(); s != nil {
		return s.Shutdown(ctx)
	}
	return nil
}
