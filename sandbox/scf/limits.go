package scf

// rate is how many requests a second each action takes from an account in a
// region: "a maximum of 20 requests can be initiated per second for this API".
const rate = 20

// window counts the requests of one second.
type window struct {
	second int64
	count  int
}

// throttle counts a request, or refuses it.
func (s *Service) throttle(x *exchange) error {
	second := s.o.Clock().Unix()
	s.mu.Lock()
	defer s.mu.Unlock()
	name := x.account + "/" + x.region + "/" + x.record.Action
	w := s.windows[name]
	if w == nil || w.second != second {
		w = &window{second: second}
		s.windows[name] = w
	}
	w.count++
	if w.count > rate {
		return limited(w.count)
	}
	return nil
}

// page cuts a listing of n items to the ones that Offset and Limit ask for.
func page(n int, offset, limit *int64) (from, to int, err error) {
	const usual, most = 20, 100
	first, count := int64(0), int64(usual)
	if offset != nil {
		first = *offset
	}
	if limit != nil {
		count = *limit
	}
	if first < 0 || count < 0 || count > most {
		return 0, 0, fail("InvalidParameterValue.Limit")
	}
	from = int(min(first, int64(n)))
	return from, min(from+int(count), n), nil
}
