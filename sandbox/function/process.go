package function

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// An end is how the function's process ended.
type end struct {
	log string
	// failure is what the machine did to the function: nothing if its Type is
	// empty.
	failure Error
}

var errTimeout = errors.New("the function took too long")

// run starts the runner and waits for it. Everything that it started is ended
// with it.
func (i interpreter) run(ctx context.Context, b box, timeout time.Duration) (end, error) {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var log tail
	args := append(append([]string(nil), i.language.args...), b.call(i.language.files[0]), b.call(""))
	cmd := exec.CommandContext(inner, i.path, args...)
	cmd.Dir, cmd.Env = b.task(), b.env
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = time.Second // for what keeps the output open
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return end{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	err := watch(b, timeout, done, cancel)
	killGroup(cmd)
	e := end{log: log.String()}
	switch {
	case ctx.Err() != nil:
		return e, context.Cause(ctx)
	case errors.Is(context.Cause(inner), errTimeout):
		e.failure = Error{Type: TimedOut, Message: fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds())}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			return e, err
		}
		e.failure = Error{Type: Exited, Message: "Runtime exited with error: " + cmd.ProcessState.String()}
	case !b.left("output") && !b.left("failure"):
		e.failure = Error{Type: Exited, Message: "Runtime exited without providing a reason"}
	}
	return e, nil
}

// watch returns when the process has ended. It cancels it when loading and
// calling the function takes too long, and the time of the call counts from
// when the runner says that the function is loaded.
func watch(b box, timeout time.Duration, done <-chan error, cancel context.CancelCauseFunc) error {
	limit := time.NewTimer(loadTime + timeout)
	defer limit.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-limit.C:
			cancel(errTimeout)
			return <-done
		case <-look.C:
			if b.left("loaded") {
				look.Stop()
				limit.Reset(timeout)
			}
		}
	}
}

// left says whether the runner has left a file.
func (b box) left(name string) bool {
	_, err := os.Lstat(b.call(name))
	return err == nil
}
