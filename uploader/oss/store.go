package oss

import (
	"context"
	"net/http"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"github.com/layerbuild/layerbuild/internal/bucket"
	"github.com/layerbuild/layerbuild/layer"
)

const contentType = "application/zip"

// forbid is the value of x-oss-forbid-overwrite that has an effect.
const forbid = "true"

// A store is the bucket as [bucket.Store] wants it.
type store struct {
	client         *oss.Client
	bucket, region string
}

func (s *store) URL(key string) string { return "oss://" + s.bucket + "/" + key }

func (s *store) Head(ctx context.Context, key string) (layer.Object, error) {
	out, err := s.client.HeadObject(ctx, &oss.HeadObjectRequest{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return layer.Object{}, s.readFault(err)
	}
	return s.object(key, out.ContentLength, out.VersionId, out.HashCRC64), nil
}

func (s *store) object(key string, size int64, version, sum *string) layer.Object {
	o := layer.Object{Bucket: s.bucket, Key: key, Size: size, CRC64: oss.ToString(sum)}
	if v := oss.ToString(version); v != "null" { // of an object that is older than the bucket's versions
		o.Version = v
	}
	return o
}

func (s *store) Put(ctx context.Context, key string, b *bucket.Body) (layer.Object, error) {
	out, err := s.client.PutObject(ctx, &oss.PutObjectRequest{
		Bucket: &s.bucket, Key: &key, Body: b, ContentLength: oss.Ptr(b.Size()),
		ContentType: oss.Ptr(contentType), ForbidOverwrite: oss.Ptr(forbid),
	})
	if err != nil {
		return layer.Object{}, s.fault(err)
	}
	return s.object(key, b.Size(), out.VersionId, out.HashCRC64), nil
}

func (s *store) Delete(ctx context.Context, o layer.Object) error {
	input := &oss.DeleteObjectRequest{Bucket: &o.Bucket, Key: &o.Key}
	if o.Version != "" {
		input.VersionId = &o.Version
	}
	if _, err := s.client.DeleteObject(ctx, input); err != nil {
		return s.fault(err)
	}
	return nil
}

func (s *store) Uploads(ctx context.Context, prefix string) (list []bucket.Upload, err error) {
	pages := s.client.NewListMultipartUploadsPaginator(&oss.ListMultipartUploadsRequest{Bucket: &s.bucket, Prefix: &prefix})
	for pages.HasNext() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.fault(err)
		}
		for _, u := range page.Uploads {
			list = append(list, bucket.Upload{Key: oss.ToString(u.Key), ID: oss.ToString(u.UploadId), Begun: oss.ToTime(u.Initiated)})
		}
	}
	return list, nil
}

func (s *store) Begin(ctx context.Context, key string) (id string, err error) {
	out, err := s.client.InitiateMultipartUpload(ctx, &oss.InitiateMultipartUploadRequest{
		Bucket: &s.bucket, Key: &key, ContentType: oss.Ptr(contentType), ForbidOverwrite: oss.Ptr(forbid),
	})
	if err != nil {
		return "", s.fault(err)
	}
	if oss.ToString(out.UploadId) == "" {
		return "", &layer.Fault{Status: http.StatusOK, Message: "the answer has no upload id", Unknown: true}
	}
	return *out.UploadId, nil
}

func (s *store) Parts(ctx context.Context, key, id string) (list []bucket.Part, err error) {
	pages := s.client.NewListPartsPaginator(&oss.ListPartsRequest{Bucket: &s.bucket, Key: &key, UploadId: &id})
	for pages.HasNext() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.fault(err)
		}
		for _, p := range page.Parts {
			list = append(list, bucket.Part{Number: int(p.PartNumber), Size: p.Size, ETag: oss.ToString(p.ETag), CRC64: oss.ToString(p.HashCRC64)})
		}
	}
	return list, nil
}

func (s *store) Send(ctx context.Context, key, id string, number int, b *bucket.Body) (bucket.Part, error) {
	out, err := s.client.UploadPart(ctx, &oss.UploadPartRequest{
		Bucket: &s.bucket, Key: &key, UploadId: &id, PartNumber: int32(number),
		Body: b, ContentLength: oss.Ptr(b.Size()),
	})
	if err != nil {
		return bucket.Part{}, s.fault(err)
	}
	return bucket.Part{Number: number, Size: b.Size(), ETag: oss.ToString(out.ETag), CRC64: oss.ToString(out.HashCRC64)}, nil
}

func (s *store) Complete(ctx context.Context, key, id string, parts []bucket.Part) (layer.Object, error) {
	list := &oss.CompleteMultipartUpload{}
	var size int64
	for _, p := range parts {
		size += p.Size
		list.Parts = append(list.Parts, oss.UploadPart{PartNumber: int32(p.Number), ETag: &p.ETag})
	}
	out, err := s.client.CompleteMultipartUpload(ctx, &oss.CompleteMultipartUploadRequest{
		Bucket: &s.bucket, Key: &key, UploadId: &id, CompleteMultipartUpload: list, ForbidOverwrite: oss.Ptr(forbid),
	})
	if err != nil {
		return layer.Object{}, s.fault(err)
	}
	return s.object(key, size, out.VersionId, out.HashCRC64), nil
}

func (s *store) Abort(ctx context.Context, key, id string) error {
	_, err := s.client.AbortMultipartUpload(ctx, &oss.AbortMultipartUploadRequest{Bucket: &s.bucket, Key: &key, UploadId: &id})
	if err != nil {
		return s.fault(err)
	}
	return nil
}
