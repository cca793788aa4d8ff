// Command bench compares layerbuild with the tools that people pack layers
// with today, on one folder, in one run: rounds are interleaved, each figure is
// a median, and each ratio is the median of the rounds' ratios to the first
// peer, so that a busy machine slows all of them alike.
//
//	bench -layerbuild bin/layerbuild -rounds 5 FOLDER
//
// "bench plain FOLDER ZIP" is one of the peers: Go's archive/zip as most
// programs use it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "plain" {
		exitOn(plain(os.Args[2], os.Args[3]))
		return
	}
	layerbuild := flag.String("layerbuild", "bin/layerbuild", "the program under test")
	rounds := flag.Int("rounds", 5, "how often each command runs")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: bench [-layerbuild PROGRAM] [-rounds N] FOLDER")
		os.Exit(2)
	}
	exitOn(run(*layerbuild, flag.Arg(0), *rounds))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A peer is a way to zip a folder. The first one is what ratios refer to.
type peer struct {
	name string
	// command makes the command that packs folder into the file out.
	command func(folder, out string) *exec.Cmd
}

// A sample is one run of one peer.
type sample struct {
	wall, cpu time.Duration
	rss, size int64 // bytes
}

func run(layerbuild, folder string, rounds int) error {
	program, err := filepath.Abs(layerbuild)
	if err != nil {
		return err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(folder), "bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	peers, missing := peersOf(program, self, temp)
	samples := make([][]sample, len(peers))
	for round := range rounds + 1 {
		for i, p := range peers {
			s, err := measure(p, folder, temp)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 { // the first one warms the page cache
				samples[i] = append(samples[i], s)
			}
		}
	}
	files, bytes, err := count(folder)
	if err != nil {
		return err
	}
	fmt.Printf("%d files, %d bytes, %d rounds; ratios to %s\n\n", files, bytes, rounds, peers[0].name)
	for _, m := range missing {
		fmt.Printf("not installed: %s\n\n", m)
	}
	print(peers, samples)
	return nil
}

// peersOf returns the peers that are installed, and the names of the others.
func peersOf(program, self, temp string) (peers []peer, missing []string) {
	all := []struct {
		needs string
		peer
	}{
		{"zip", peer{"zip -r -X -6", func(folder, out string) *exec.Cmd {
			c := exec.Command("zip", "-r", "-X", "-q", "-6", out, ".")
			c.Dir = folder
			return c
		}}},
		{program, peer{"layerbuild build", func(folder, out string) *exec.Cmd {
			return exec.Command(program, "build", "-q", "--progress", "none", "-o", filepath.Dir(out), filepath.Join(temp, "layer.toml"))
		}}},
		{"python3", peer{"python3 shutil.make_archive", func(folder, out string) *exec.Cmd {
			return exec.Command("python3", "-c", "import shutil,sys; shutil.make_archive(sys.argv[2][:-4], 'zip', sys.argv[1])", folder, out)
		}}},
		{self, peer{"Go archive/zip", func(folder, out string) *exec.Cmd {
			return exec.Command(self, "plain", folder, out)
		}}},
		{"bsdtar", peer{"bsdtar --format zip", func(folder, out string) *exec.Cmd {
			return exec.Command("bsdtar", "-c", "--format", "zip", "-f", out, "-C", folder, ".")
		}}},
	}
	for _, p := range all {
		if _, err := exec.LookPath(p.needs); err != nil {
			missing = append(missing, p.name)
			continue
		}
		peers = append(peers, p.peer)
	}
	return peers, missing
}

func measure(p peer, folder, temp string) (sample, error) {
	dir, err := os.MkdirTemp(temp, "out-*")
	if err != nil {
		return sample{}, err
	}
	defer os.RemoveAll(dir)
	manifest := fmt.Sprintf("schema = 1\n[layer]\nname = \"bench\"\nruntimes = [\"nodejs22\"]\n[lock]\nentries = false\n[[source]]\nfiles = %q\n", "../"+filepath.Base(folder))
	if err := os.WriteFile(filepath.Join(temp, "layer.toml"), []byte(manifest), 0o644); err != nil {
		return sample{}, err
	}
	cmd := p.command(folder, filepath.Join(dir, "bench.zip"))
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return sample{}, err
	}
	s := sample{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: peakRSS(cmd.ProcessState)}
	return s, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".zip") {
			info, err := d.Info()
			if err != nil {
				return err
			}
			s.size = info.Size()
		}
		return err
	})
}

func print(peers []peer, samples [][]sample) {
	fmt.Println("| | wall s | ratio | CPU s | peak RSS MB | size | ratio |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for i, p := range peers {
		wall := func(s sample) float64 { return s.wall.Seconds() }
		size := func(s sample) float64 { return float64(s.size) }
		fmt.Printf("| %s | %.2f | %.3f | %.2f | %.0f | %.0f | %.4f |\n", p.name,
			median(values(samples[i], wall)), median(ratios(samples[i], samples[0], wall)),
			median(values(samples[i], func(s sample) float64 { return s.cpu.Seconds() })),
			median(values(samples[i], func(s sample) float64 { return float64(s.rss) / 1e6 })),
			median(values(samples[i], size)), median(ratios(samples[i], samples[0], size)))
	}
}

func values(list []sample, of func(sample) float64) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		out[i] = of(s)
	}
	return out
}

// ratios compares the rounds one by one.
func ratios(list, base []sample, of func(sample) float64) []float64 {
	out := make([]float64, len(list))
	for i := range list {
		out[i] = of(list[i]) / of(base[i])
	}
	return out
}

func median(list []float64) float64 {
	slices.Sort(list)
	if n := len(list); n%2 == 0 {
		return (list[n/2-1] + list[n/2]) / 2
	}
	return list[len(list)/2]
}

func count(folder string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	return files, bytes, err
}
