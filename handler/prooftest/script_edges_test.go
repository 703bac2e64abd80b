package prooftest

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/eeexport/eeclient/eetest"
	"example.com/eeexport/handler/handlertest"
)

var (
	transient = status.New(codes.Unavailable, "")        // is retried
	final     = status.New(codes.FailedPrecondition, "") // is not
)

// What makes the real function take the model's edges: a fault for the next
// export, list or publish, or nil for none.
var (
	onExport = map[string]*eetest.Fault{
		"Earth Engine answers":                        nil,
		"Earth Engine refuses":                        {Status: 400},
		"the token is refused":                        {Status: 401},
		"the quota is used up":                        {Status: 400, Message: "Too many tasks already in the queue (3000)."},
		"Earth Engine does not accept the deployment": {Status: 403, Reason: "SERVICE_DISABLED"},
		"the request is lost" + triedAgain:            {Reset: eetest.BeforeStart},
		"the request is lost" + givenUp:               {Status: 503, RetryAfter: "60"},
		"Earth Engine's answer is lost" + triedAgain:  {Reset: eetest.AfterStart},
		"Earth Engine's answer is lost" + givenUp:     {Started: true, Status: 503, RetryAfter: "60"},
	}
	onList = map[string]*eetest.Fault{
		"Earth Engine lists":            nil,
		"the list is refused":           {Status: 403},
		"the list is lost" + triedAgain: {Reset: eetest.BeforeStart},
		"the list is lost" + givenUp:    {Status: 503, RetryAfter: "60"},
		"Earth Engine does not list":    {Status: 503, RetryAfter: "60"},
	}
	onPublish = faultsOfPublishes("Pub/Sub stores", "the publish",
		"Pub/Sub stores the failure", "the failure's publish",
		"Pub/Sub stores the copy", "the copy's publish",
		"Pub/Sub stores the end", "the publish")
)

// faultsOfPublishes returns the faults of publishes, by pairs of the names of their
// success and of themselves.
func faultsOfPublishes(names ...string) map[string]*handlertest.Fault {
	faults := map[string]*handlertest.Fault{}
	for i := 0; i < len(names); i += 2 {
		faults[names[i]] = nil
		for how, published := range map[string]bool{" fails": false, "'s acknowledgement is lost": true} {
			faults[names[i+1]+how+triedAgain] = &handlertest.Fault{Applied: published, Status: transient}
			faults[names[i+1]+how+givenUp] = &handlertest.Fault{Applied: published, Status: final}
		}
	}
	return faults
}

// addEdge writes an edge of the exporter's model into the script.
func (s *script) addEdge(r *rules, name string) {
	if f, ok := onExport[name]; ok {
		if r.event == refusedEvent && f == nil {
			f = &eetest.Fault{Status: 400}
		}
		if r.event == refusedEvent && (f.Started || f.Reset == eetest.AfterStart) { // it would start what it refuses
			f = &eetest.Fault{Status: f.Status, RetryAfter: f.RetryAfter, Reset: f.Reset / eetest.AfterStart * eetest.BeforeStart}
		}
		s.add(exports, f)
	}
	addOf(s, lists, onList, name)
	addOf(s, publishes, onPublish, name)
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
	onAck = map[string]*handlertest.Fault{
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
		s.add(pulls, f)
		// A tick pulls again until there is nothing new.
		if f != nil && f.Limit != 0 {
			s.allow(pulls, &handlertest.Fault{Limit: -1})
		} else if f == nil {
			s.allow(pulls, f)
		}
	}
	if f, ok := onGet[h.name]; ok {
		if f == nil && h.from.unknown {
			f = &eetest.Fault{Status: 404}
		}
		s.add(gets, f)
	}
	if f, ok := onList[h.name]; ok {
		if f == nil && h.from.unlisted {
			f = &eetest.Fault{Body: "{}"}
		}
		s.add(lists, f)
	}
	addOf(s, publishes, onPublish, h.name)
	addOf(s, acks, onAck, h.name)
	addOf(s, givesBack, onGiveBack, h.name)
}
