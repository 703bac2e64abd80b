// Package handler is the pipeline of eeexport: it decodes, validates and
// authorizes an export request, submits it to Earth Engine, and publishes the
// Operation. It has two doors, HTTP and CloudEvents. Each turns what arrives
// into a delivery, and writes the outcome in the form that its sender reads.
//
//	cfg, err := handler.ExporterConfigFromEnv(os.Getenv)
//	…
//	exporter := handler.New(cfg, telemetry.NewLogger(os.Stderr))
//	functions.HTTP("ExportClassifier", exporter.ServeHTTP)
//	functions.HTTP("ExportClassifierEvent", exporter.ServeEvent)
//
// Each job of the pipeline is a package: request reads the body, requestid
// settles the request ID, outcome says what follows, message is what is
// published, telemetry is what the operator sees, and eeclient calls Earth
// Engine.
package handler
