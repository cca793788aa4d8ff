package fc

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// readBody takes the body into memory: it is never larger than an inline zip.
func (s *Service) readBody(x *exchange) error {
	var err error
	limit := s.requestLimit(x.api)
	x.body, err = io.ReadAll(io.LimitReader(x.r.Body, limit+1))
	if int64(len(x.body)) > limit {
		io.Copy(io.Discard, io.LimitReader(x.r.Body, 16*limit))
		return &failure{status: http.StatusBadRequest, code: "EntityTooLarge",
			message: fmt.Sprintf("payload size exceeds maximum allowed size (%d bytes)", limit)}
	}
	if err != nil {
		return invalid("Bad data in request body.")
	}
	return nil
}

// decode reads the body's document.
func (x *exchange) decode(to any) error {
	if err := json.Unmarshal(x.body, to); err != nil {
		return invalid("Bad data in request body.")
	}
	return nil
}

func (x *exchange) answer(doc any, status int) error {
	x.record.Status = status
	switch doc := doc.(type) {
	case nil:
		x.w.WriteHeader(status)
		return nil
	case raw:
		send(x.w, status, doc)
		return nil
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Type", "application/json")
	send(x.w, status, text)
	return nil
}

// raw is an answer that is not a document of the API.
type raw []byte

// member reads one member of the body's document. Other than encoding/json by
// itself, its name must be spelled as asked for: 2.0 has "Code" where 3.0 has
// "code".
func (x *exchange) member(name string, to any) error {
	members := map[string]json.RawMessage{}
	if err := x.decode(&members); err != nil {
		return err
	}
	text, ok := members[name]
	if !ok {
		return invalid("%s is required", name)
	}
	if err := json.Unmarshal(text, to); err != nil {
		return invalid("Bad data in request body.")
	}
	return nil
}
