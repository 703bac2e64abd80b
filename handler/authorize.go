package handler

import (
	"slices"
	"strings"
)

// anyAllowed in a list of what is allowed allows everything.
const anyAllowed = "*"

// policy is what requests may name.
type policy struct {
	projects []string // projects/P, or "*"
	assets   []string // prefixes of asset names, or "*"
}

// newPolicy takes the deployment's lists and fills in the defaults: its own
// project, and the assets of every project that is allowed.
func newPolicy(projects, assets []string, own string) policy {
	if len(projects) == 0 {
		projects = []string{own}
	}
	if len(assets) == 0 {
		for _, p := range projects {
			if p == anyAllowed {
				assets = []string{anyAllowed}
				break
			}
			assets = append(assets, p+"/assets")
		}
	}
	return policy{projects, assets}
}

// authorize tells whether the deployment allows what the request names. The
// names are in their only form when they come here: validate has seen to that.
func (p policy) authorize(r *Request) *Outcome {
	if !slices.Contains(p.projects, anyAllowed) && !slices.Contains(p.projects, r.Project) {
		return notAllowed("PROJECT_NOT_ALLOWED", "project", r.Project, "ALLOWED_PROJECTS")
	}
	name := r.Destination.Name
	for _, prefix := range p.assets {
		if prefix == anyAllowed || name == prefix || strings.HasPrefix(name, prefix+"/") {
			return nil
		}
	}
	return notAllowed("ASSET_NOT_ALLOWED", "asset", name, "ALLOWED_ASSETS")
}
