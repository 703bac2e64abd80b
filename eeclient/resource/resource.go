// Package resource implements the grammar of Earth Engine's resource names:
// projects, assets and Operations. Whether a resource exists is left to Earth
// Engine.
package resource

import "strings"

// IsProject reports whether s is projects/{id or number}. An ID consists of
// lower case letters, digits and hyphens; old ones have a domain and a colon
// before them
// (https://cloud.google.com/resource-manager/docs/creating-managing-projects).
func IsProject(s string) bool {
	id, ok := strings.CutPrefix(s, "projects/")
	if !ok {
		return false
	}
	if domain, rest, ok := strings.Cut(id, ":"); ok {
		if !ConsistsOf(domain, isProjectChar, '.') || !IsLowerAlnum(domain[0]) || !IsLowerAlnum(domain[len(domain)-1]) {
			return false
		}
		id = rest
	}
	return len(id) <= 63 && ConsistsOf(id, isProjectChar) && IsLowerAlnum(id[0]) && IsLowerAlnum(id[len(id)-1])
}

// IsAsset reports whether s is projects/*/assets/** with segments that Earth
// Engine allows (https://developers.google.com/earth-engine/guides/manage_assets).
// A segment is never empty, a dot segment, escaped or outside of ASCII, so a
// name has exactly one form and prefixes can be compared.
func IsAsset(s string) bool {
	parts := strings.Split(s, "/")
	if len(parts) < 4 || parts[0] != "projects" || parts[2] != "assets" || !IsProject("projects/"+parts[1]) {
		return false
	}
	for _, segment := range parts[3:] {
		if !ConsistsOf(segment, IsAlnum, '-', '_') {
			return false
		}
	}
	return true
}

// IsOperation reports whether s is projects/*/operations/*. The ID is opaque,
// but cannot change the meaning of a URL.
func IsOperation(s string) bool {
	project, id, ok := strings.Cut(s, "/operations/")
	return ok && IsProject(project) && id != "." && id != ".." && len(id) <= 1024 &&
		ConsistsOf(id, IsAlnum, '-', '_', '.', '~', ':')
}

// ProjectOf returns the projects/P that a resource name begins with, or "" if
// it begins with none.
func ProjectOf(name string) string {
	rest, ok := strings.CutPrefix(name, "projects/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return "projects/" + id
}

// Project returns projects/P for P and for projects/P.
func Project(id string) string { return "projects/" + strings.TrimPrefix(id, "projects/") }

// ConsistsOf reports whether s is not empty and each of its bytes is of the
// class or one of others.
func ConsistsOf(s string, class func(byte) bool, others ...byte) bool {
	for i := 0; i < len(s); i++ {
		if !class(s[i]) && strings.IndexByte(string(others), s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// IsLowerAlnum reports whether c is a lower case ASCII letter or a digit.
func IsLowerAlnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// IsAlnum reports whether c is an ASCII letter or a digit.
func IsAlnum(c byte) bool { return IsLowerAlnum(c) || c >= 'A' && c <= 'Z' }

func isProjectChar(c byte) bool { return IsLowerAlnum(c) || c == '-' }
