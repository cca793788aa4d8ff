// Package record is what the sandbox tells of each request that it answered.
package record

import "time"

// A Record is one request and its answer.
type Record struct {
	// Time is when the request came in.
	Time time.Time
	// Service is the name in the signature: "s3", "lambda".
	Service string
	// Action is the service's name of the operation, such as "PutObject", ""
	// if the request was none.
	Action string
	// Region is the one the request was signed for.
	Region string
	// Bucket and Key, or Layer and Version, are what the request is about.
	Bucket, Key string
	Layer       string
	Version     int64
	// Status is the HTTP status, 0 if a fault kept the request without any
	// answer. Code is the service's error code, "" on success.
	Status int
	Code   string
	// RequestID is in the answer too.
	RequestID string
	// Faulty says that a fault came before the service, which did not act.
	Faulty bool
}
