package eetest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// World is how a Server behaves in points that Earth Engine does not document,
// and in which a client must be right whatever is true. The zero World is the
// likeliest.
type World struct {
	// Repeat is how a repeated request ID is answered.
	Repeat Repeat
	// SharedRequestIDs gives every caller's request IDs one name space, so that
	// a caller may be answered with the Operation of another. Earth Engine
	// documents one for each.
	SharedRequestIDs bool
	// RefuseExistingAsset refuses an export to an asset that exists, without
	// overwrite, at once with ALREADY_EXISTS, instead of failing its Operation.
	RefuseExistingAsset bool

	// ListLag is how long a new Operation is missing from lists, and GetLag how
	// long it is not found, by the Clock.
	ListLag, GetLag time.Duration
	// OldestFirst is the order of lists; otherwise the newest come first.
	OldestFirst bool

	// NoCreateTime leaves the time of creation out.
	NoCreateTime bool
	// ProjectNumbers names Operations by the number of their project. Either
	// name is found.
	ProjectNumbers bool
}

// Repeat is how a repeated request ID is answered.
type Repeat int

const (
	// Replay answers with the first Operation, whatever is asked.
	Replay Repeat = iota
	// RefuseOther answers with the first Operation if the request is the same
	// byte for byte, and refuses any other as INVALID_ARGUMENT.
	RefuseOther
	// AlreadyExists refuses it as ALREADY_EXISTS, and names the request ID.
	AlreadyExists
	// AlreadyExistsUnnamed refuses it as ALREADY_EXISTS in general words.
	AlreadyExistsUnnamed
)

// repeated is the refusal of a repeated request ID; nil to answer with the first
// Operation.
func (r Repeat) repeated(id string, same bool) *apiError {
	switch {
	case r == RefuseOther && !same:
		return &apiError{http: http.StatusBadRequest,
			message: "The request ID '" + id + "' has been used for a different request."}
	case r == AlreadyExists:
		return &apiError{http: http.StatusConflict,
			message: "A request with the request ID '" + id + "' has already been made."}
	case r == AlreadyExistsUnnamed:
		return &apiError{http: http.StatusConflict, message: "Requested entity already exists"}
	}
	return nil
}

// projectNumbers gives each project a number when it is first seen.
type projectNumbers []string

// number returns a project's number.
func (p *projectNumbers) number(project string) string {
	for i, known := range *p {
		if known == project {
			return strconv.Itoa(firstNumber + i)
		}
	}
	*p = append(*p, project)
	return strconv.Itoa(firstNumber + len(*p) - 1)
}

// id returns the ID of a project that is named by its ID or its number.
func (p projectNumbers) id(project string) string {
	if n, err := strconv.Atoi(project); err == nil && n >= firstNumber && n < firstNumber+len(p) {
		return p[n-firstNumber]
	}
	return project
}

// projectID returns the ID of a project that may be named by its number.
func (st *store) projectID(project string) string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.numbers.id(project)
}

// firstNumber is the number of the first project.
const firstNumber = 100_000_000_001

// canonical returns the name under which an Operation is kept.
func (st *store) canonical(name string) string {
	project, id, ok := strings.Cut(strings.TrimPrefix(name, "projects/"), "/operations/")
	if !ok || !st.world.ProjectNumbers {
		return name
	}
	return "projects/" + st.numbers.number(st.numbers.id(project)) + "/operations/" + id
}
