package packager

import (
	"fmt"
	"runtime"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/packager/deflate"
)

const (
	defaultLevel  = 6
	defaultMemory = 32 << 20
)

// Options say how to pack. Level and Epoch decide about the zip's bytes, the
// others do not. The zero value is ready to use.
type Options struct {
	// Level is the deflate level, 1 to 9; 0 is 6.
	Level int
	// Epoch is the time of every entry, in seconds since 1970, from 1980 to
	// 2107; 0 is 1980-01-01. Zips hold even seconds only: an odd one is
	// rounded down.
	Epoch int64
	// Workers is how many goroutines compress; 0 is GOMAXPROCS. Each holds
	// about two megabytes besides Memory.
	Workers int
	// Memory is how many bytes of content may be on their way from the
	// sources to the zip; 0 is 32 MiB. One block is always let through,
	// whatever the budget; what does not fit waits or goes to a scratch file
	// beside the zip.
	Memory int64
	// Progress, if not nil, is told how many bytes of content were read since
	// the last call. It is called from several goroutines at once, and adds up
	// to the size of the tree.
	Progress func(n int64)
}

// Settings are options with every default filled in.
type settings struct {
	level    int
	epoch    int64
	stamp    dosTime
	workers  int
	memory   int64
	progress func(n int64)
}

func (o Options) settle() (settings, error) {
	s := settings{level: o.Level, workers: o.Workers, memory: o.Memory, progress: o.Progress}
	if s.level == 0 {
		s.level = defaultLevel
	}
	if s.level < deflate.MinLevel || s.level > deflate.MaxLevel {
		return s, fmt.Errorf("deflate level %d: want %d to %d", s.level, deflate.MinLevel, deflate.MaxLevel)
	}
	if s.workers <= 0 {
		s.workers = runtime.GOMAXPROCS(0)
	}
	if s.memory <= 0 {
		s.memory = defaultMemory
	}
	if s.progress == nil {
		s.progress = func(int64) {}
	}
	var err error
	if s.stamp, err = newDOSTime(o.Epoch); err != nil {
		return s, err
	}
	s.epoch = evenEpoch(o.Epoch)
	return s, nil
}

func (s settings) packing() layer.Packing {
	return layer.Packing{Compressor: deflate.Format, Level: s.level, Epoch: s.epoch}
}
