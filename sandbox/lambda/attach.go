package lambda

import (
	"archive/zip"
	"strconv"
	"strings"
)

// An attachedLayer is a layer version that a function is to have.
type attachedLayer struct {
	arn     string
	version *version
}

// attach looks the layers of a function up. The wordings are LocalStack's
// recordings of the service (test_layer_function_exceptions).
func (s *Service) attach(x *exchange, arns []string) ([]*attachedLayer, error) {
	if len(arns) > maxLayers {
		return nil, invalidParameter("Cannot reference more than %d layers.", maxLayers)
	}
	var list []*attachedLayer
	seen := map[layerID]string{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arn := range arns {
		f := strings.Split(arn, ":")
		if len(f) != 8 { // arn:aws:lambda:::awslayer:X
			return nil, invalidParameter("The sandbox knows no layer %s.", arn)
		}
		id := layerID{account: f[4], region: f[3], name: f[6]}
		if id.region != x.region {
			return nil, invalidParameter("Layers are not in the same region as the function. Layers are expected to be in region %s.", x.region)
		}
		if id.account != x.account {
			return nil, x.denied("GetLayerVersion", arn)
		}
		number, err := strconv.ParseInt(f[7], 10, 64)
		if err != nil {
			number = 0 // beyond what any version has
		}
		_, v := s.find(id, number)
		if v == nil {
			return nil, invalidParameter("Layer version %s does not exist.", arn)
		}
		if other, ok := seen[id]; ok {
			return nil, invalidParameter("Two different versions of the same layer are not allowed to be referenced in the same function. "+
				"%s and %s are versions of the same layer.", other, arn)
		}
		seen[id] = arn
		list = append(list, &attachedLayer{arn: arn, version: v})
	}
	return list, nil
}

// unzipped is the size in bytes of the content of all the layers.
func (s *Service) unzipped(list []*attachedLayer) (int64, error) {
	var total int64
	for _, l := range list {
		region := strings.Split(l.arn, ":")[3]
		file, err := s.o.Objects.Fetch(s.o.Own.Account, region, ownBucket(region), l.version.Object)
		if err != nil {
			return 0, err
		}
		z, err := zip.NewReader(file, l.version.Size)
		if err == nil {
			for _, entry := range z.File { // what the headers say was true when it was published
				total += int64(entry.UncompressedSize64)
			}
		}
		file.Close()
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}
