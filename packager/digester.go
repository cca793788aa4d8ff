package packager

import (
	"crypto/sha256"
	"hash/crc64"
	"io"
	"sync"
	"sync/atomic"

	"github.com/layerbuild/layerbuild/layer"
)

// nvme is the polynomial of CRC-64/NVME, reflected as hash/crc64 takes it
// (NVM Express NVM Command Set Specification 1.0c, section 5.2.1.3.4).
const nvme = 0x9a6c9329ac4bc9b5

// The digester's memory is what its slowest consumer may lag behind.
const (
	chunkSize  = 128 << 10
	chunkCount = 16
)

// A digester passes a stream on to a writer and takes its digests in the same
// pass, each in a goroutine of its own, so that the stream's writer waits for
// none of them.
type digester struct {
	consumers []chan *chunk
	free      chan *chunk
	current   *chunk
	running   sync.WaitGroup
	failed    atomic.Pointer[error]
	digests   layer.Digests
}

// A chunk goes back to the free ones when every consumer has seen it.
type chunk struct {
	data    []byte
	pending atomic.Int32
}

// newDigester starts the goroutines, which end with finish. The writer may be
// io.Discard.
func newDigester(w io.Writer) *digester {
	d := &digester{free: make(chan *chunk, chunkCount)}
	for range chunkCount {
		d.free <- &chunk{}
	}
	d.consume(func(p []byte) { d.pass(w, p) }, func() {})

	sum := sha256.New()
	d.consume(func(p []byte) { sum.Write(p) }, func() { sum.Sum(d.digests.SHA256[:0]) })

	ecma := crc64.MakeTable(crc64.ECMA)
	d.consume(func(p []byte) { d.digests.CRC64 = crc64.Update(d.digests.CRC64, ecma, p) }, func() {})

	table := crc64.MakeTable(nvme)
	d.consume(func(p []byte) { d.digests.CRC64NVME = crc64.Update(d.digests.CRC64NVME, table, p) }, func() {})
	return d
}

// consume starts a consumer, which calls take for each chunk and then end.
func (d *digester) consume(take func([]byte), end func()) {
	chunks := make(chan *chunk, chunkCount)
	d.consumers = append(d.consumers, chunks)
	d.running.Go(func() {
		for c := range chunks {
			take(c.data)
			if c.pending.Add(-1) == 0 {
				d.free <- c
			}
		}
		end()
	})
}

func (d *digester) pass(w io.Writer, p []byte) {
	if d.failed.Load() != nil {
		return
	}
	if _, err := w.Write(p); err != nil {
		d.failed.Store(&err)
	}
}

// Write takes a copy of p. It returns the error of an earlier write, as the
// one of this one is not known yet.
func (d *digester) Write(p []byte) (int, error) {
	if err := d.failed.Load(); err != nil {
		return 0, *err
	}
	d.digests.Size += int64(len(p))
	for rest := p; len(rest) > 0; {
		if d.current == nil {
			d.current = <-d.free
			if d.current.data == nil {
				d.current.data = make([]byte, 0, chunkSize)
			}
			d.current.data = d.current.data[:0]
		}
		n := min(len(rest), chunkSize-len(d.current.data))
		d.current.data = append(d.current.data, rest[:n]...)
		rest = rest[n:]
		if len(d.current.data) == chunkSize {
			d.send()
		}
	}
	return len(p), nil
}

func (d *digester) send() {
	c := d.current
	d.current = nil
	c.pending.Store(int32(len(d.consumers)))
	for _, chunks := range d.consumers {
		chunks <- c
	}
}

// finish waits for everything that was written, ends the goroutines and
// returns the stream's digests and the first error in writing it. It is called
// once, also after an error.
func (d *digester) finish() (layer.Digests, error) {
	if d.current != nil {
		d.send()
	}
	for _, chunks := range d.consumers {
		close(chunks)
	}
	d.running.Wait()
	if err := d.failed.Load(); err != nil {
		return layer.Digests{}, *err
	}
	return d.digests, nil
}
