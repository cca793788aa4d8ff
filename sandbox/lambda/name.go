package lambda

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// target returns the layer that a path names, by name or by ARN.
func (x *exchange) target() (layerID, error) {
	var p problems
	p.layerName(x.name)
	if err := p.err(); err != nil {
		return layerID{}, err
	}
	id := layerID{x.account, x.region, x.name}
	if strings.HasPrefix(x.name, "arn:") {
		return x.parseArn(x.name)
	}
	return id, nil
}

// parseArn reads the ARN of a layer, with or without a version, and holds it
// against the account and the region of the request.
func (x *exchange) parseArn(arn string) (layerID, error) {
	f := strings.Split(arn, ":")
	id := layerID{account: f[4], region: f[3], name: f[6]}
	x.record.Layer = id.name
	switch {
	case id.region != x.region:
		return id, noSuchResource()
	case id.account != x.account:
		return id, x.denied(x.record.Action, arn)
	}
	return id, nil
}

// versionNumber reads the version that a path names.
func (x *exchange) versionNumber() (int64, error) {
	n, err := strconv.ParseInt(x.number, 10, 64)
	if err != nil {
		return 0, &failure{status: http.StatusBadRequest, code: "SerializationException", bare: true,
			message: fmt.Sprintf("'%s' can not be converted to an Long", x.number)}
	}
	if n < 1 {
		return 0, invalidParameter("Layer Version Cannot be less than 1")
	}
	x.record.Version = n
	return n, nil
}

// targetVersion returns the layer and the version that a path names.
func (x *exchange) targetVersion() (layerID, int64, error) {
	id, err := x.target()
	if err != nil {
		return id, 0, err
	}
	number, err := x.versionNumber()
	return id, number, err
}
