package function

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/layerbuild/layerbuild/runtimes"
)

//go:embed run.py run.js load.mjs run.rb run.php
var runners embed.FS

// A language is how an interpreter is found and started.
type language struct {
	name string
	// commands are the names to look for; {version} is the runtime's.
	commands []string
	// probe makes the interpreter print its version and its path. It does not
	// start where what the runner needs is not there, such as with Python 2.
	probe []string
	// args go before the runner, which is the first of files.
	args  []string
	files []string
}

func languages() []language {
	return []language{
		{
			name: "python", commands: []string{"python{version}", "python3", "python"},
			probe: []string{"-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)"},
			// Without site-packages of the machine and of the user, and
			// without .pyc files in the layers.
			args: []string{"-I", "-S", "-B"}, files: []string{"run.py"},
		},
		{
			name: "nodejs", commands: []string{"node{version}", "node", "nodejs"},
			probe: []string{"-p", "(() => import('fs')) && process.versions.node + '\\n' + process.execPath"},
			files: []string{"run.js", "load.mjs"},
		},
		{
			name: "ruby", commands: []string{"ruby{version}", "ruby"},
			probe: []string{"-e", "puts RUBY_VERSION, RbConfig.ruby"},
			args:  []string{"--disable=rubyopt"}, files: []string{"run.rb"},
		},
		{
			name: "php", commands: []string{"php{version}", "php"},
			probe: []string{"-r", "echo [PHP_VERSION][0] ?? '', \"\\n\", PHP_BINARY;"},
			files: []string{"run.php"},
		},
	}
}

// version is what follows the language in the runtime's name: "3.12", "20".
func version(c runtimes.Cell) string { return strings.TrimPrefix(c.Runtime, c.Language) }

// An interpreter is one that is installed.
type interpreter struct {
	language      language
	path, version string
}

func (i interpreter) String() string {
	return fmt.Sprintf("%s %s (%s)", i.language.name, i.version, i.path)
}

// find looks on PATH for an interpreter of the runtime's version. Another
// version would prove nothing: a layer can hold code for one of them only.
func find(ctx context.Context, c runtimes.Cell) (interpreter, error) {
	for _, l := range languages() {
		if l.name == c.Language {
			return l.find(ctx, c)
		}
	}
	return interpreter{}, &NotRunnable{Runtime: c.Runtime,
		Reason: fmt.Sprintf("it has no way to run functions in the language %q", c.Language)}
}

func (l language) find(ctx context.Context, c runtimes.Cell) (interpreter, error) {
	want := version(c)
	var seen []string
	for _, name := range l.commands {
		name = strings.ReplaceAll(name, "{version}", want)
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		i, err := l.ask(ctx, path)
		switch {
		case ctx.Err() != nil:
			return interpreter{}, context.Cause(ctx)
		case err != nil:
			seen = append(seen, fmt.Sprintf("%s does not start (%v)", name, err))
		case i.version == want || strings.HasPrefix(i.version, want+"."):
			return i, nil
		default:
			seen = append(seen, fmt.Sprintf("%s is %s", name, i.version))
		}
	}
	if len(seen) == 0 {
		seen = []string{"no interpreter is on PATH"}
	}
	return interpreter{}, &NotRunnable{Runtime: c.Runtime,
		Reason: fmt.Sprintf("it needs %s %s: %s", l.name, want, strings.Join(seen, ", "))}
}

// ask starts the interpreter to learn what it is. The path may be that of a
// shim, which finds its interpreter by the environment of the sandbox.
func (l language) ask(ctx context.Context, path string) (interpreter, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, l.probe...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
			line, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
			return interpreter{}, errors.New(line)
		}
		return interpreter{}, err
	}
	number, real, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
	real = strings.TrimSpace(real)
	if !ok || !filepath.IsAbs(real) {
		return interpreter{}, fmt.Errorf("it answered %q", out)
	}
	return interpreter{language: l, path: real, version: strings.TrimSpace(number)}, nil
}
