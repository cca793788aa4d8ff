package lambda

import "time"

// Limits are the sizes that Lambda holds layers to, see "Lambda quotas" in the
// developer guide and the API reference of PublishLayerVersion. They are the
// service's own and independent of what the client believes.
type Limits struct {
	// Request is the size in bytes that a request's body must stay below.
	Request int64
	// Unzipped is the size in bytes that a layer's content must stay below.
	Unzipped int64
	// Policy is the longest policy of a version in bytes.
	Policy int
}

func (l Limits) withDefaults() Limits {
	if l.Request == 0 {
		l.Request = 69905067 // 50 MiB as base64
	}
	if l.Unzipped == 0 {
		l.Unzipped = 262144000
	}
	if l.Policy == 0 {
		l.Policy = 20480
	}
	return l
}

// The rest cannot be set.
const (
	maxName        = 140
	maxDescription = 256
	maxLicense     = 512
	maxRuntimes    = 15
	maxArchs       = 2
	maxPage        = 50
	maxStatement   = 100
)

// rate is the number of requests a second that all operations share, which is
// also how many can come at once.
const rate = 15

// tokens is the bucket of one account and region.
type tokens struct {
	left float64
	at   time.Time
}

// throttle takes a token, or refuses the request. Reading functions and
// calling them have rates of their own, far above what is tried here ("Lambda
// API requests" in the quotas).
func (s *Service) throttle(x *exchange) error {
	if x.record.Action == "GetFunction" || x.record.Action == "Invoke" {
		return nil
	}
	now := s.o.Clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	name := x.account + "/" + x.region
	b := s.buckets[name]
	if b == nil {
		b = &tokens{left: rate, at: now}
		s.buckets[name] = b
	}
	b.left = min(rate, b.left+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.left < 1 {
		return throttled(time.Second)
	}
	b.left--
	return nil
}
