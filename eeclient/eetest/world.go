package eetest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// World is the behaviour of a Server in points that Earth Engine does not
// document. A client must work in every World. The zero World is the likeliest.
type World struct {
	// Repeat is how a repeated request ID is answered.
	Repeat Repeat
	// SharedRequestIDs puts the request IDs of all callers into one name space,
	// so that a caller may get another's Operation. Earth Engine documents a name
	// space for each.
	SharedRequestIDs bool
	// RefuseExistingAsset refuses an export to an asset that exists, without
	// overwrite, at once with ALREADY_EXISTS, instead of failing its Operation.
	RefuseExistingAsset bool

	// ListLag is how long, by the Clock, an Operation is missing from lists
	// after its creation, and GetLag how long it is not found by its name.
	ListLag, GetLag time.Duration
	// OldestFirst makes lists begin with the oldest Operation.
	OldestFirst bool

	// NoCreateTime leaves createTime out.
	NoCreateTime bool
	// ProjectNumbers names Operations by the number of their project. The name
	// with the ID is found too.
	ProjectNumbers bool
}

// Repeat is how a repeated request ID is answered.
type Repeat int

const (
	// Replay answers with the first Operation.
	Replay Repeat = iota
	// RefuseOther answers with the first Operation if the request is the same
	// byte for byte, and refuses any other as INVALID_ARGUMENT.
	RefuseOther
	// AlreadyExists refuses it as ALREADY_EXISTS, and names the request ID.
	AlreadyExists
	// AlreadyExistsUnnamed refuses it as ALREADY_EXISTS in general words.
	AlreadyExistsUnnamed
)

// repeated returns the refusal of a repeated request ID; nil to answer with the
// first Operation.
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

// projectNumbers numbers projects in the order in which they are first seen.
type projectNumbers []string

// number returns a project's number.
func (p *projectNumbers) number(project string) string {
	i := slices.Index(*p, project)
	if i < 0 {
		i = len(*p)
		*p = append(*p, project)
	}
	return strconv.Itoa(firstNumber + i)
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

// canonical returns the name under which an Operation is stored.
func (st *store) canonical(name string) string {
	project, id, ok := strings.Cut(strings.TrimPrefix(name, "projects/"), "/operations/")
	if !ok || !st.world.ProjectNumbers {
		return name
	}
	return "projects/" + st.numbers.number(st.numbers.id(project)) + "/operations/" + id
}
