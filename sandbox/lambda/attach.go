package lambda

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
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

// fits checks that code that unpacks to so many bytes and the layers are not too
// large together.
func (s *Service) fits(code int64, list []*attachedLayer) error {
	total := code
	for _, l := range list {
		size, err := s.unpacked(strings.Split(l.arn, ":")[3], l.version.Object, l.version.Size)
		if err != nil {
			return err
		}
		total += size
	}
	if total >= s.o.Limits.Unzipped {
		return invalidParameter("Function code combined with layers exceeds the maximum allowed size of %d bytes. "+
			"The actual size is %d bytes.", s.o.Limits.Unzipped, total)
	}
	return nil
}

// unpacked is the size in bytes of the content of a zip that the service
// keeps.
func (s *Service) unpacked(region, object string, size int64) (int64, error) {
	file, err := s.o.Objects.Fetch(s.o.Own.Account, region, ownBucket(region), object)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	z, err := zip.NewReader(file, size)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, entry := range z.File { // what the headers say was true when it was published
		total += int64(entry.UncompressedSize64)
	}
	return total, nil
}

// copies copies the zips of layers for a function, which keeps them when the
// layers are deleted. Next to an error are those that were made.
func (s *Service) copies(d *deployment, list []*attachedLayer) ([]attachment, error) {
	var made []attachment
	for _, l := range list {
		file, err := s.o.Objects.Fetch(s.o.Own.Account, d.Region, ownBucket(d.Region), l.version.Object)
		if err != nil {
			return made, err
		}
		key, err := s.deposit(d, file)
		made = append(made, attachment{Arn: l.arn, Size: l.version.Size, Object: key})
		if err = errors.Join(err, file.Close()); err != nil {
			return made, err
		}
	}
	return made, nil
}

// deposit puts a zip where nobody else changes it, and returns its key.
func (s *Service) deposit(d *deployment, from io.Reader) (string, error) {
	key := fmt.Sprintf("snapshots/%s/%s-%s", d.Account, d.Name, uuid())
	return key, s.o.Objects.Deposit(s.o.Own.Account, d.Region, ownBucket(d.Region), key, from)
}
