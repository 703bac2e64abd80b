// Package onexport is a Cloud Function that acts on what becomes of exports. A
// push subscription on the topic eeexport-completions calls it.
package onexport

import (
	"context"
	"log"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"example.com/eeexport/handler/consumer"
)

func init() {
	functions.HTTP("OnExport", handler.ServeHTTP)
}

// handler remembers events as long as its instance lives. A function of several
// instances needs a Store that they share; see the example of [consumer.Store].
var handler = &consumer.Handler{Store: new(consumer.Memory), Do: onExport}

func onExport(_ context.Context, event consumer.Event) error {
	switch e := event.(type) {
	case *consumer.Succeeded:
		log.Print("ready: ", e.Asset)
	case *consumer.Failed:
		log.Print("failed: ", e.Asset, " ", e.Message())
	}
	return nil
}
