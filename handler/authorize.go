package handler

import (
	"fmt"
	"slices"
	"strings"

	"example.com/eeexport/eeclient/text"
	"example.com/eeexport/handler/outcome"
	"example.com/eeexport/handler/request"
)

// anyAllowed in a list allows everything.
const anyAllowed = "*"

// policy is what requests may name.
type policy struct {
	projects []string // projects/P, or "*"
	assets   []string // prefixes of asset names, or "*"
	reads    []string // prefixes of what expressions may load; nil for anything
}

// newPolicy returns the deployment's policy. By default it allows own, the
// deployment's projects/P, and the assets of every allowed project.
func newPolicy(cfg *ExporterConfig, own string) policy {
	p := policy{cfg.AllowedProjects, cfg.AllowedAssets, cfg.AllowedReads}
	if len(p.projects) == 0 {
		p.projects = []string{own}
	}
	if len(p.assets) == 0 {
		for _, project := range p.projects {
			if project == anyAllowed {
				p.assets = []string{anyAllowed}
				break
			}
			p.assets = append(p.assets, project+"/assets")
		}
	}
	if slices.Contains(p.reads, anyAllowed) {
		p.reads = nil
	}
	return p
}

// authorize returns nil if the deployment allows what the request names. Validated
// names have exactly one form, so prefixes can be compared.
func (p policy) authorize(r *request.Request) *outcome.Outcome {
	if !slices.Contains(p.projects, anyAllowed) && !slices.Contains(p.projects, r.Project) {
		return outcome.Denied("PROJECT_NOT_ALLOWED", "project", r.Project, "ALLOWED_PROJECTS does not include the project "+text.Quote(r.Project))
	}
	name := r.Destination.Name
	if !slices.ContainsFunc(p.assets, func(prefix string) bool {
		return prefix == anyAllowed || name == prefix || strings.HasPrefix(name, prefix+"/")
	}) {
		return outcome.Denied("ASSET_NOT_ALLOWED", "asset", name, "ALLOWED_ASSETS does not include the asset "+text.Quote(name))
	}
	if d := r.Denied; d != nil {
		return outcome.Denied("READ_NOT_ALLOWED", "read", d.Name, fmt.Sprintf("%s: ALLOWED_READS does not allow it: %s", d.Path, d.Description))
	}
	return nil
}
