package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/layerbuild/layerbuild/layer"
)

// A memory is a store that keeps everything in memory, and fails as it is told.
type memory struct {
	// fault is told the number of a call, from 1, and its name. What it
	// returns comes instead of an answer, after the call has acted or before.
	fault func(n int, call string) (err error, acted bool)
	// md5Only tells no CRC-64 of parts, mute none of new objects, blind none
	// of any object.
	md5Only, mute, blind bool
	clock                time.Time

	mu      sync.Mutex
	calls   []string
	objects map[string][]byte
	uploads map[string]*unfinished
	begun   int
}

type unfinished struct {
	key   string
	begun time.Time
	parts map[int][]byte
}

func newMemory() *memory {
	return &memory{
		objects: map[string][]byte{}, uploads: map[string]*unfinished{},
		clock: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
}

func refused(status int, code string, cause error) error {
	return &layer.Fault{Status: status, Code: code, Cause: cause}
}

// call does one call with the lock held, unless it is to fail before.
func (m *memory) call(ctx context.Context, name string, do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, name)
	if ctx.Err() != nil {
		return &layer.Fault{Unknown: true, Err: ctx.Err()}
	}
	var fault error
	if m.fault != nil {
		var acted bool
		if fault, acted = m.fault(len(m.calls), name); fault != nil && !acted {
			return fault
		}
	}
	if err := do(); err != nil {
		return err
	}
	return fault
}

func (m *memory) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

func sum(data []byte) string {
	return strconv.FormatUint(crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)), 10)
}

func (m *memory) URL(key string) string { return "memory://" + key }

func (m *memory) Head(ctx context.Context, key string) (o layer.Object, err error) {
	err = m.call(ctx, "head", func() error {
		data, ok := m.objects[key]
		if !ok {
			return refused(404, "", fs.ErrNotExist)
		}
		o = layer.Object{Key: key, Size: int64(len(data)), CRC64: sum(data)}
		if m.blind {
			o.CRC64 = ""
		}
		return nil
	})
	return o, err
}

// made is the answer to what made an object.
func (m *memory) made(key string, data []byte) (layer.Object, error) {
	if _, taken := m.objects[key]; taken {
		return layer.Object{}, refused(409, "FileAlreadyExists", fs.ErrExist)
	}
	m.objects[key] = data
	o := layer.Object{Key: key, Size: int64(len(data)), CRC64: sum(data)}
	if m.mute || m.blind {
		o.CRC64 = ""
	}
	return o, nil
}

func (m *memory) Put(ctx context.Context, key string, b *Body) (o layer.Object, err error) {
	data, read := io.ReadAll(b)
	err = m.call(ctx, "put", func() (err error) {
		if read != nil {
			return read
		}
		o, err = m.made(key, data)
		return err
	})
	return o, err
}

func (m *memory) Delete(ctx context.Context, o layer.Object) error {
	return m.call(ctx, "delete", func() error {
		delete(m.objects, o.Key)
		return nil
	})
}

func (m *memory) Uploads(ctx context.Context, prefix string) (list []Upload, err error) {
	err = m.call(ctx, "uploads", func() error {
		for id, u := range m.uploads {
			if strings.HasPrefix(u.key, prefix) {
				list = append(list, Upload{Key: u.key, ID: id, Begun: u.begun})
			}
		}
		slices.SortFunc(list, func(a, b Upload) int { return strings.Compare(a.Key+a.ID, b.Key+b.ID) })
		return nil
	})
	return list, err
}

func (m *memory) Begin(ctx context.Context, key string) (id string, err error) {
	err = m.call(ctx, "begin", func() error {
		if _, taken := m.objects[key]; taken {
			return refused(409, "FileAlreadyExists", fs.ErrExist)
		}
		m.begun++
		id = fmt.Sprint("upload-", m.begun)
		m.uploads[id] = &unfinished{key: key, begun: m.clock, parts: map[int][]byte{}}
		return nil
	})
	return id, err
}

func (m *memory) part(number int, data []byte) Part {
	hash := md5.Sum(data)
	p := Part{Number: number, Size: int64(len(data)), ETag: `"` + strings.ToUpper(hex.EncodeToString(hash[:])) + `"`}
	if !m.md5Only {
		p.CRC64 = sum(data)
	}
	return p
}

func (m *memory) find(key, id string) (*unfinished, error) {
	u := m.uploads[id]
	if u == nil || u.key != key {
		return nil, refused(404, "NoSuchUpload", ErrGone)
	}
	return u, nil
}

func (m *memory) Parts(ctx context.Context, key, id string) (list []Part, err error) {
	err = m.call(ctx, "parts", func() error {
		u, err := m.find(key, id)
		if err != nil {
			return err
		}
		for number, data := range u.parts {
			list = append(list, m.part(number, data))
		}
		slices.SortFunc(list, func(a, b Part) int { return a.Number - b.Number })
		return nil
	})
	return list, err
}

func (m *memory) Send(ctx context.Context, key, id string, number int, b *Body) (p Part, err error) {
	data, read := io.ReadAll(b)
	err = m.call(ctx, "send", func() error {
		u, err := m.find(key, id)
		if err = errors.Join(err, read); err != nil {
			return err
		}
		u.parts[number] = data
		p = m.part(number, data)
		return nil
	})
	return p, err
}

func (m *memory) Complete(ctx context.Context, key, id string, parts []Part) (o layer.Object, err error) {
	err = m.call(ctx, "complete", func() error {
		u, err := m.find(key, id)
		if err != nil {
			return err
		}
		var data []byte
		for i, p := range parts {
			have, ok := u.parts[p.Number]
			if !ok || p.Number != i+1 || m.part(p.Number, have).ETag != p.ETag {
				return refused(400, "InvalidPart", nil)
			}
			data = append(data, have...)
		}
		if o, err = m.made(key, data); err == nil {
			delete(m.uploads, id)
		}
		return err
	})
	return o, err
}

func (m *memory) Abort(ctx context.Context, key, id string) error {
	return m.call(ctx, "abort", func() error {
		if _, err := m.find(key, id); err != nil {
			return err
		}
		delete(m.uploads, id)
		return nil
	})
}

// left are the ids of the uploads of a key.
func (m *memory) left(key string) (ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, u := range m.uploads {
		if u.key == key {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// has says what lies under a key: "" for nothing.
func (m *memory) has(key string, want []byte) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.objects[key]
	switch {
	case !ok:
		return ""
	case bytes.Equal(data, want):
		return "right"
	}
	return "wrong"
}
