package local

import (
	"path/filepath"

	"github.com/layerbuild/layerbuild/layer"
)

// Zip returns the path of a version's zip. [Publisher.Get] tells whether it is
// there and what it was.
func (p *Publisher) Zip(v layer.Version) string {
	return filepath.Join(p.folder, "layers", v.Name, file(v.Number, ".zip"))
}
