package prooftest

import (
	"strings"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

// watchScript is what is still to happen to the calls of one tick.
type watchScript struct {
	pulls     calls[handlertest.Fault]
	gets      calls[eetest.Fault]
	lists     calls[eetest.Fault]
	publishes calls[handlertest.Fault]
	acks      calls[handlertest.Fault]
	givesBack calls[handlertest.Fault]
}

// What makes a real tick take the edges of the watcher's model.
var (
	onPull = map[string]*handlertest.Fault{
		"all is pulled":             nil,
		"a part is pulled":          {Limit: 1},
		"nothing is pulled":         {Limit: -1},
		"the pull's answer is lost": {Applied: true, Status: final},
		"the pull fails":            {Status: final},
	}
	onGet = map[string]*eetest.Fault{
		"Earth Engine answers":         nil,
		"Earth Engine does not answer": {Status: 503, RetryAfter: "60"},
	}
	onWatchersList = map[string]*eetest.Fault{
		"Earth Engine lists":         nil,
		"Earth Engine does not list": {Status: 503, RetryAfter: "60"},
	}
	onPublishEnd = faultsOfPublishes("Pub/Sub stores the end", "the publish")
	onAck        = map[string]*handlertest.Fault{
		"Pub/Sub acknowledges":                 nil,
		"the acknowledgement has no effect":    {Late: true},
		"the acknowledgement fails":            {Status: final},
		"the acknowledgement's answer is lost": {Applied: true, Status: final},
	}
	onGiveBack = map[string]*handlertest.Fault{
		"it is given back":        nil,
		"it cannot be given back": {Status: final},
	}
)

// add writes an edge into the script.
func (s *watchScript) add(h hop[watched]) {
	if f, ok := onPull[h.name]; ok {
		s.pulls.add(f)
		// A tick pulls again until there is nothing new.
		if f != nil && f.Limit != 0 {
			s.pulls.allow(&handlertest.Fault{Limit: -1})
		} else if f == nil {
			s.pulls.allow(nil)
		}
	}
	if f, ok := onGet[h.name]; ok {
		if f == nil && h.from.unknown {
			f = &eetest.Fault{Status: 404}
		}
		s.gets.add(f)
	}
	if f, ok := onWatchersList[h.name]; ok {
		if f == nil && h.from.unlisted {
			f = &eetest.Fault{Body: "{}"}
		}
		s.lists.add(f)
	}
	if f, ok := onPublishEnd[h.name]; ok && !strings.Contains(h.name, "is late") {
		s.publishes.add(f)
	}
	if f, ok := onAck[h.name]; ok {
		s.acks.add(f)
	}
	if f, ok := onGiveBack[h.name]; ok {
		s.givesBack.add(f)
	}
}

// followed reports whether all of it has happened, and nothing else.
func (s *watchScript) followed() bool {
	return s.pulls.followed() && s.gets.followed() && s.lists.followed() && s.publishes.followed() && s.acks.followed() && s.givesBack.followed()
}

func (s *watchScript) begin() {
	s.pulls.begin()
	s.gets.begin()
	s.lists.begin()
	s.publishes.begin()
	s.acks.begin()
	s.givesBack.begin()
}
