package fc

import (
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
)

// cloud returns the catalogue's description of an API.
func (s *Service) cloud(a api) runtimes.Service {
	service, _ := s.o.Catalogue.Service(string(a)) // New has made sure of it
	return service
}

// requestLimit is the most bytes that a request's body may have: an inline zip
// as base64 and some room for the rest of the document.
func (s *Service) requestLimit(a api) int64 {
	const room = 64 << 10
	return (s.cloud(a).Limits.Inline+2)/3*4 + room
}

// rate is the number of requests a second that a strict service takes from an
// account in a region, which is also how many can come at once. The vendor
// publishes none.
const rate = 100

// tokens is the bucket of one account and region.
type tokens struct {
	left float64
	at   time.Time
}

// throttle takes a token, or refuses the request.
func (s *Service) throttle(x *exchange) error {
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
