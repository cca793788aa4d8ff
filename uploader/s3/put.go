package s3

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/layerbuild/layerbuild/layer"
)

const contentType = "application/zip"

// cleanTime is what tidying up may take after the caller has given up.
const cleanTime = 15 * time.Second

// Put sends the artifact under the condition that the key is free. The store
// checks the digest; where its answer shows another one or none, the object is
// removed again.
func (u *Uploader) Put(ctx context.Context, key string, a layer.Artifact, sent func(int64)) (layer.Object, error) {
	o, err := u.put(ctx, key, a, newMeter(sent))
	if err != nil {
		return layer.Object{}, fmt.Errorf("uploading %q: %w", u.url(key), err)
	}
	return o, nil
}

func (u *Uploader) put(ctx context.Context, key string, a layer.Artifact, m *meter) (layer.Object, error) {
	file, err := os.Open(a.Path)
	if err != nil {
		return layer.Object{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return layer.Object{}, err
	}
	if info.Size() != a.Digests.Size {
		return layer.Object{}, fmt.Errorf("%q has %d bytes and had %d when it was packed: %w",
			a.Path, info.Size(), a.Digests.Size, layer.ErrDigest)
	}
	send := u.putSingle
	if a.Digests.Size > u.single {
		send = u.putParts
	}
	o, err := send(ctx, key, file, a.Digests, m)
	if err == nil {
		err = u.confirm(ctx, o, a.Digests)
	}
	if err != nil {
		return layer.Object{}, err
	}
	return o, nil
}

func (u *Uploader) putSingle(ctx context.Context, key string, file *os.File, d layer.Digests, m *meter) (layer.Object, error) {
	out, err := u.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &u.bucket, Key: &key, Body: file,
		ContentLength:  &d.Size,
		ContentType:    aws.String(contentType),
		IfNoneMatch:    aws.String("*"),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(d.SHA256[:])),
	}, m.watch)
	if err != nil {
		return layer.Object{}, u.fault(err)
	}
	return layer.Object{
		Bucket: u.bucket, Key: key, Version: version(out.VersionId), Size: d.Size,
		SHA256: hexSum(out.ChecksumSHA256),
	}, nil
}

// confirm holds the digest that the store answered with against the sent one.
// Completing an upload a second time, after its answer was lost, may be
// answered without one.
func (u *Uploader) confirm(ctx context.Context, o layer.Object, d layer.Digests) error {
	if o.SHA256 == "" && o.CRC64NVME == "" {
		found, err := u.Stat(ctx, o.Key)
		if err != nil {
			return err
		}
		o.SHA256, o.CRC64NVME = found.SHA256, found.CRC64NVME
	}
	fault := &layer.Fault{Cause: layer.ErrDigest}
	switch {
	case o.SHA256 == d.SHA256.String() || o.CRC64NVME == strconv.FormatUint(d.CRC64NVME, 10):
		return nil
	case o.SHA256 == "" && o.CRC64NVME == "":
		fault.Message = "the store confirmed no digest"
		fault.Hint = "the store must support SHA-256 and full-object CRC64NVME checksums"
	default:
		fault.Message = fmt.Sprintf("the store has other bytes: sha256 %q, crc64nvme %q", o.SHA256, o.CRC64NVME)
	}
	return u.remove(ctx, o, fault)
}

// remove takes an object away that was made a moment ago, even when the run is
// being interrupted, and returns the cause with what else went wrong.
func (u *Uploader) remove(ctx context.Context, o layer.Object, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	input := &s3.DeleteObjectInput{Bucket: &o.Bucket, Key: &o.Key}
	if o.Version != "" {
		input.VersionId = &o.Version
	}
	if _, err := u.client.DeleteObject(ctx, input); err != nil {
		return fmt.Errorf("%w; removing the object: %w", cause, u.fault(err))
	}
	return cause
}
