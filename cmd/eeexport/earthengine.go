package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"example.com/eeexport/eeclient"
	"example.com/eeexport/eeclient/resource"
)

// earthEngineHelp is the same for all commands that call Earth Engine.
const earthEngineHelp = `Earth Engine is called with Application Default Credentials; see
'eeexport help environment'.`

// newEarthEngineClient makes a client for the Earth Engine that the environment
// names, as the function does. It returns the credentials' project; "" if they
// name none.
func newEarthEngineClient(ctx context.Context) (client *eeclient.Client, project string, err error) {
	if host := os.Getenv("EARTHENGINE_EMULATOR_HOST"); host != "" {
		client, err = eeclient.New(ctx, eeclient.WithEmulatorHost(host))
		return client, "", err
	}
	creds, err := eeclient.FindCredentials(ctx)
	if err != nil {
		return nil, "", advised{err, loginAdvice}
	}
	endpoint := cmp.Or(os.Getenv("EARTHENGINE_ENDPOINT"), eeclient.DefaultEndpoint)
	client, err = eeclient.New(ctx, eeclient.WithEndpoint(endpoint), eeclient.WithCredentials(creds))
	return client, creds.ProjectID, err
}

// cutMark ends an ID that 'list' has shortened.
const cutMark = "…"

// openOperations makes a client, and returns the full names of Operations, each
// once. An argument is projects/*/operations/*, or an ID in the project of the flag
// or the default one; an ID may be one that 'list' has shortened.
func openOperations(ctx context.Context, args []string, flag string) (client *eeclient.Client, names []string, err error) {
	for _, arg := range args {
		name := arg
		if !strings.Contains(arg, "/") {
			project := findProject(flag, "")
			if project == "" {
				return nil, nil, errNoProject
			}
			name = resource.Project(project) + "/operations/" + arg
		}
		if !resource.IsOperation(strings.TrimSuffix(name, cutMark)) {
			return nil, nil, usageError{fmt.Errorf("%q is not an Operation: give projects/*/operations/* or its ID", arg)}
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if client, _, err = newEarthEngineClient(ctx); err != nil {
		return nil, nil, err
	}
	for i, name := range names {
		if start, cut := strings.CutSuffix(name, cutMark); cut {
			if names[i], err = fullName(ctx, client, start); err != nil {
				return nil, nil, err
			}
		}
	}
	return client, names, nil
}

// shortName returns what a person has to type: the ID of an Operation of the
// default project, and the whole name of others.
func shortName(name string) string {
	if resource.ProjectOf(name) == resource.Project(findProject("", "")) {
		return path.Base(name)
	}
	return name
}

// fullName returns the name of the one Operation whose name begins with start.
func fullName(ctx context.Context, client *eeclient.Client, start string) (found string, err error) {
	project := resource.ProjectOf(start)
	for op, err := range client.ListOperations(ctx, &eeclient.ListOperationsRequest{Project: project}) {
		switch {
		case err != nil:
			return "", asFault(err)
		case !strings.HasPrefix(op.Name(), start):
		case found != "":
			return "", usageError{fmt.Errorf("%s%s is both %s and %s", path.Base(start), cutMark, path.Base(found), path.Base(op.Name()))}
		default:
			found = op.Name()
		}
	}
	if found == "" {
		return "", fmt.Errorf("%s has no Operation whose ID begins with %s", project, path.Base(start))
	}
	return found, nil
}

// asFault returns Earth Engine's own error as an *apiError, and others as they
// are.
func asFault(err error) error {
	var fault *eeclient.Error
	if errors.As(err, &fault) {
		return fromEarthEngine(fault)
	}
	return err
}
