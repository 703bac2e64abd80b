// Package handler is the pipeline of eeexport: it decodes, validates and
// authorizes an export request, submits it to Earth Engine, and publishes the
// Operation. Two doors lead to it, an HTTP one and a CloudEvent one; both hand
// it a delivery and write its outcome in the form that their sender reads.
//
//	cfg, err := handler.ExporterConfigFromEnv(os.Getenv)
//	…
//	exporter := handler.New(cfg, telemetry.NewLogger(os.Stderr))
//	functions.HTTP("ExportClassifier", exporter.ServeHTTP)
//	functions.HTTP("ExportClassifierEvent", exporter.ServeEvent)
//
// Each job of the pipeline is a package of its own: request reads the body,
// requestid settles the request ID, outcome says what follows, message is what
// is published, telemetry is what the operator sees. Calls to Earth Engine are
// package eeclient's.
package handler
