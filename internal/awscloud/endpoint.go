package awscloud

import "github.com/layerbuild/layerbuild/internal/endpoint"

// Endpoint decides where a service is reached: what the environment or the
// profile says (configured) goes before what the target says. It returns nil
// for the service's own address, and an error for one that requests cannot or
// must not go to, see [endpoint.Parse].
func Endpoint(configured *string, target string) (*string, error) {
	if configured == nil && target != "" {
		configured = &target
	}
	if configured == nil {
		return nil, nil
	}
	if _, err := endpoint.Parse(*configured); err != nil {
		return nil, err
	}
	return configured, nil
}
