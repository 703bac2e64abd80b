package handler_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/eeclient/eetest/requests"
	"example.com/eeexport/handler"
)

// An Exporter is an http.Handler; with validateOnly it needs no Pub/Sub.
func ExampleExporter() {
	ee := eetest.NewServer(eetest.Emulator())
	defer ee.Close()
	exporter := handler.New(handler.ExporterConfig{
		Config:          handler.Config{Project: "my-project", EarthEngineEmulatorHost: ee.Host()},
		OperationsTopic: "operations",
		AllowedAssets:   []string{"*"},
	}, slog.New(slog.DiscardHandler))

	answer := httptest.NewRecorder()
	body := strings.NewReader(string(requests.Get(requests.RandomForest)))
	exporter.ServeHTTP(answer, httptest.NewRequest("POST", "/?validateOnly=true", body))
	fmt.Println(answer.Code, answer.Body)
	// Output: 200 {}
}

// Every wrong variable is named at once.
func ExampleExporterConfigFromEnv() {
	env := map[string]string{"ALLOWED_PROJECTS": "My-Project", "REQUEST_MAX_AGE": "a week"}
	_, err := handler.ExporterConfigFromEnv(func(name string) string { return env[name] })
	fmt.Println(err)
	// Output:
	// OPERATIONS_TOPIC: required: an ID or projects/*/topics/*
	// REQUEST_MAX_AGE: "a week" is not a positive duration such as 604800s
	// ALLOWED_PROJECTS: not a project ID or *: "My-Project"
}
