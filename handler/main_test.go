package handler_test

import (
	"testing"

	_ "example.com/eeexport"
	"example.com/eeexport/handler/handlertest"
)

func TestMain(m *testing.M) { handlertest.Main(m) }
