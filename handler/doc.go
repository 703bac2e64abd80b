// Package handler is the pipeline of eeexport: it decodes, validates and
// authorizes an export request, submits it to Earth Engine, and publishes the
// Operation. Two doors lead to it, an HTTP one and a CloudEvent one; both hand
// it a delivery and turn its outcome into an answer of their own kind.
//
//	cfg, err := handler.ConfigFromEnv(os.Getenv)
//	exporter := handler.New(cfg, err, handler.NewLogger(os.Stderr))
//	functions.HTTP("ExportClassifier", exporter.ServeHTTP)
//	functions.HTTP("ExportClassifierEvent", exporter.ServeEvent)
//
// It knows requests and outcomes and nothing of sockets to Earth Engine, which
// are package eeclient's.
package handler
