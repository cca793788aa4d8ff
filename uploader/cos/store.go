package cos

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"

	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/layer"
)

const contentType = "application/zip"

// A store is the bucket as [bucket.Store] wants it.
type store struct {
	client         *cos.Client
	bucket, region string
}

func (s *store) URL(key string) string { return "cos://" + s.bucket + "/" + key }

func (s *store) Head(ctx context.Context, key string) (layer.Object, error) {
	out, err := s.client.Object.Head(ctx, key, nil)
	if err != nil {
		return layer.Object{}, s.headFault(err)
	}
	return s.object(key, out.ContentLength, out), nil
}

func (s *store) object(key string, size int64, answer *cos.Response) layer.Object {
	o := layer.Object{Bucket: s.bucket, Key: key, Size: size, CRC64: answer.Header.Get("X-Cos-Hash-Crc64ecma")}
	if v := answer.Header.Get("X-Cos-Version-Id"); v != "null" { // of an object that is older than the bucket's versions
		o.Version = v
	}
	return o
}

// create is the condition that the key is free.
func create() *http.Header { return &http.Header{"X-Cos-Forbid-Overwrite": {"true"}} }

func (s *store) Put(ctx context.Context, key string, b *bucket.Body) (layer.Object, error) {
	out, err := s.client.Object.Put(ctx, key, content(b), &cos.ObjectPutOptions{
		ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
			ContentType: contentType, ContentLength: b.Size(), XOptionHeader: create(),
		},
	})
	if err != nil {
		return layer.Object{}, s.fault(out, err)
	}
	return s.object(key, b.Size(), out), nil
}

// content has the SDK see that there is nothing to send, which it would send
// in chunks otherwise.
func content(b *bucket.Body) io.Reader {
	if b.Size() == 0 {
		return strings.NewReader("")
	}
	return b
}

func (s *store) Delete(ctx context.Context, o layer.Object) error {
	out, err := s.client.Object.Delete(ctx, o.Key, &cos.ObjectDeleteOptions{VersionId: o.Version})
	if err != nil {
		return s.fault(out, err)
	}
	return nil
}

func (s *store) Uploads(ctx context.Context, prefix string) (list []bucket.Upload, err error) {
	page := &cos.ObjectListUploadsOptions{Prefix: prefix}
	for {
		found, out, err := s.client.Object.ListUploads(ctx, page)
		if err != nil {
			return nil, s.fault(out, err)
		}
		for _, u := range found.Upload {
			// A time that cannot be read is no time.
			begun, _ := time.Parse(time.RFC3339, u.Initiated)
			list = append(list, bucket.Upload{Key: u.Key, ID: u.UploadID, Begun: begun})
		}
		if !found.IsTruncated {
			return list, nil
		}
		page.KeyMarker, page.UploadIdMarker = found.NextKeyMarker, found.NextUploadIdMarker
	}
}

func (s *store) Begin(ctx context.Context, key string) (id string, err error) {
	begun, out, err := s.client.Object.InitiateMultipartUpload(ctx, key, &cos.InitiateMultipartUploadOptions{
		ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{ContentType: contentType, XOptionHeader: create()},
	})
	if err != nil {
		return "", s.fault(out, err)
	}
	if begun.UploadID == "" {
		return "", &layer.Fault{Status: out.StatusCode, Message: "the answer has no upload id", Unknown: true}
	}
	return begun.UploadID, nil
}

func (s *store) Parts(ctx context.Context, key, id string) (list []bucket.Part, err error) {
	page := new(cos.ObjectListPartsOptions)
	for {
		found, out, err := s.client.Object.ListParts(ctx, key, id, page)
		if err != nil {
			return nil, s.fault(out, err)
		}
		for _, p := range found.Parts {
			list = append(list, bucket.Part{Number: p.PartNumber, Size: p.Size, ETag: p.ETag})
		}
		if !found.IsTruncated {
			return list, nil
		}
		page.PartNumberMarker = found.NextPartNumberMarker
	}
}

func (s *store) Send(ctx context.Context, key, id string, number int, b *bucket.Body) (bucket.Part, error) {
	out, err := s.client.Object.UploadPart(ctx, key, id, number, b, &cos.ObjectUploadPartOptions{ContentLength: b.Size()})
	if err != nil {
		return bucket.Part{}, s.fault(out, err)
	}
	return bucket.Part{
		Number: number, Size: b.Size(), ETag: out.Header.Get("ETag"), CRC64: out.Header.Get("X-Cos-Hash-Crc64ecma"),
	}, nil
}

func (s *store) Complete(ctx context.Context, key, id string, parts []bucket.Part) (layer.Object, error) {
	list := &cos.CompleteMultipartUploadOptions{XOptionHeader: create()}
	var size int64
	for _, p := range parts {
		size += p.Size
		list.Parts = append(list.Parts, cos.Object{PartNumber: p.Number, ETag: p.ETag})
	}
	_, out, err := s.client.Object.CompleteMultipartUpload(ctx, key, id, list)
	if err != nil {
		return layer.Object{}, s.fault(out, err)
	}
	return s.object(key, size, out), nil
}

func (s *store) Abort(ctx context.Context, key, id string) error {
	if out, err := s.client.Object.AbortMultipartUpload(ctx, key, id); err != nil {
		return s.fault(out, err)
	}
	return nil
}
