package rate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A caller waits for its turn when its time has come, and gives up after its
// patience; 0 is none at all.
type caller struct {
	at, patience time.Duration
}

// sent lets callers wait at one bucket, each in a goroutine of its own, and
// returns when their requests went out.
func sent(t *testing.T, perSecond, most int, callers []caller) (times []time.Duration) {
	synctest.Test(t, func(*testing.T) {
		var buckets Buckets
		var mu sync.Mutex
		var wg sync.WaitGroup
		start := time.Now()
		for _, c := range callers {
			wg.Go(func() {
				time.Sleep(c.at)
				ctx, cancel := context.WithTimeout(context.Background(), c.patience)
				defer cancel()
				if buckets.Of(Key{}, perSecond, most).Wait(ctx) != nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				times = append(times, time.Since(start))
			})
		}
		wg.Wait()
	})
	slices.Sort(times)
	return times
}

// TestNoSecondHasMore: whenever callers come and whoever of them gives up.
func TestNoSecondHasMore(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		perSecond := rapid.IntRange(1, 30).Draw(r, "perSecond")
		most := rapid.IntRange(0, 40).Draw(r, "most")
		millis := func(most int) *rapid.Generator[time.Duration] {
			return rapid.Map(rapid.IntRange(0, most), func(n int) time.Duration { return time.Duration(n) * time.Millisecond })
		}
		callers := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) caller {
			return caller{millis(3000).Draw(r, "at"), millis(5000).Draw(r, "patience")}
		}), 0, 100).Draw(r, "callers")

		times := sent(t, perSecond, most, callers)
		allowed := max(most, perSecond+1)
		for i, from := range times {
			n := 0
			for _, at := range times[i:] {
				if at < from+time.Second {
					n++
				}
			}
			if n > allowed {
				r.Fatalf("%d requests within a second from %s, want up to %d: %s", n, from, allowed, times)
			}
		}
	})
}

// TestPace: as much goes out as may.
func TestPace(t *testing.T) {
	tests := []struct {
		perSecond, most, requests int
		want                      time.Duration
	}{
		{10, 15, 105, 10 * time.Second},
		{15, 20, 155, 10 * time.Second},
		{10, 10, 101, 10 * time.Second},
		{10, 0, 101, 10 * time.Second},
		{0, 0, 100, 0},
	}
	for _, test := range tests {
		times := sent(t, test.perSecond, test.most, slices.Repeat([]caller{{patience: time.Hour}}, test.requests))
		if len(times) != test.requests {
			t.Fatalf("%d requests went out, want %d", len(times), test.requests)
		}
		if took := times[len(times)-1].Round(time.Millisecond); took != test.want {
			t.Errorf("%d at %d a second, %d at most: took %s, want %s", test.requests, test.perSecond, test.most, took, test.want)
		}
	}
}

// TestInTurn: nobody overtakes.
func TestInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := new(Buckets).Of(Key{}, 10, 15)
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if err := b.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			time.Sleep(time.Millisecond)
		}
		wg.Wait()
		if !slices.IsSorted(order) {
			t.Errorf("requests went out in the order %d", order)
		}
	})
}

// TestGivenUp: a turn that nobody takes is another's.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := new(Buckets).Of(Key{}, 1, 2)
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 2 { // while it waits, and when it has ended
			if err := b.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v, want context.DeadlineExceeded", err)
			}
		}
		start := time.Now()
		if err := b.Wait(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("waited %s, error %v, want the turn that was given up", time.Since(start), err)
		}
		if got := b.used().Requests; got != 2 {
			t.Errorf("%d requests were counted, want 2", got)
		}
	})
}

func TestUses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buckets Buckets
		if got := buckets.Uses(); len(got) != 0 {
			t.Errorf("before: %+v", got)
		}
		scf, far := Key{"scf", "1", "ap-guangzhou"}, Key{"lambda", "1", "us-west-2"}
		near, other := Key{"lambda", "1", "us-east-1"}, Key{"lambda", "0", "us-west-2"}
		for _, k := range []Key{scf, far, near, near, other} {
			if err := buckets.Of(k, 2, 3).Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := buckets.Of(scf, 0, 0).Wait(t.Context()); err != nil { // the first caller decided
			t.Fatal(err)
		}
		want := []Use{
			{other, 1, 0, 0}, {near, 2, 1, 500 * time.Millisecond}, {far, 1, 0, 0}, {scf, 2, 0, 0},
		}
		// The wait for the other bucket has filled this one.
		if got := buckets.Uses(); !slices.Equal(got, want) {
			t.Errorf("uses are %+v, want %+v", got, want)
		}
	})
}
