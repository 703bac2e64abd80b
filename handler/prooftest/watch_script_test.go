package prooftest

import (
	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

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

// addTickEdge writes an edge of the watcher's model into the script.
func (s *script) addTickEdge(h hop[watched]) {
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
	s.publishes.addOf(onPublishEnd, h.name)
	s.acks.addOf(onAck, h.name)
	s.givesBack.addOf(onGiveBack, h.name)
}
