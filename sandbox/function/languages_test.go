package function_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerbuild/layerbuild/sandbox/function"
)

func TestRuby(t *testing.T) {
	cell := installed(t, "lambda", "ruby")
	gems := "ruby/gems/" + versions["ruby"] + ".0"
	layer := pack(t,
		file{name: "ruby/lib/plain.rb", content: "PLAIN = 'layer'"},
		file{name: gems + "/gems/gemmed-1.2.3/lib/gemmed.rb", content: "GEMMED = 'gem'"},
		file{name: gems + "/specifications/gemmed-1.2.3.gemspec", content: `
Gem::Specification.new do |s|
  s.name = 'gemmed'
  s.version = '1.2.3'
  s.summary = 's'
  s.authors = ['a']
  s.files = ['lib/gemmed.rb']
end`},
	)
	f := function.Function{Service: "lambda", Cell: cell, Layers: []string{layer}, Name: "f", RequestID: "r-1", Memory: 128 << 20,
		Code: pack(t, file{name: "index.rb", content: `
require 'plain'
require 'gemmed'
require 'own'
def handler(event:, context:)
  puts 'said'
  { event: event, plain: PLAIN, gem: GEMMED, version: Gem.loaded_specs['gemmed'].version.to_s, own: OWN, file: __FILE__,
    name: context.function_name, left: context.get_remaining_time_in_millis > 0 }
end
def failing(event:, context:)
  raise ArgumentError, 'x'
end
module Deep
  class Handler
    def self.call(event:, context:)
      event
    end
  end
end
`}, file{name: "own.rb", content: "OWN = 'code'"})}
	f.Handler = "index.handler"
	r := returns(t, f, `{"a":"é"}`, `{"event":{"a":"é"},"plain":"layer","gem":"gem","version":"1.2.3","own":"code","file":"/var/task/index.rb","name":"f","left":true}`)
	if !strings.Contains(r.Log, "said\n") {
		t.Errorf("log is %q", r.Log)
	}
	f.Handler = "index.Deep::Handler.call"
	returns(t, f, `[1]`, `[1]`)
	f.Handler = "index.failing"
	r = fails(t, f, "{}", "Function<ArgumentError>", "x")
	if len(r.Error.Trace) != 1 || !strings.HasPrefix(r.Error.Trace[0], "/var/task/index.rb:11:") {
		t.Errorf("trace is %q", r.Error.Trace)
	}
	f.Layers = nil
	fails(t, f, "{}", "Init<LoadError>", "cannot load such file -- plain")
}

func TestPHP(t *testing.T) {
	layer := pack(t, file{name: "php/vendor/autoload.php", content: "<?php function loaded() { return __FILE__; }"},
		file{name: "php_extension/own.ini", content: "[x]\nlayer_says = hello\n"})
	code := pack(t, file{name: "index.php", content: `<?php
function handler($event, $context) {
    require 'vendor/autoload.php';
    echo "said\n";
    return ['event' => $event, 'loaded' => loaded(), 'file' => __FILE__, 'name' => $context['function']['name']];
}
function text($event, $context) { return $event; }
function failing($event, $context) { throw new RuntimeException('x'); }
function broken($event, $context) { return undefined_function(); }
function main_handler($event, $context) { return [$event->a, $context->requestId, get_cfg_var('layer_says'), getcwd()]; }
`})
	f := function.Function{Service: "fc3", Cell: installed(t, "fc3", "php"), Layers: []string{layer}, Code: code, Name: "f", RequestID: "r-1"}
	f.Handler = "index.handler"
	r := returns(t, f, `{"a":1}`, `{"event":"{\"a\":1}","loaded":"\/opt\/php\/vendor\/autoload.php","file":"\/code\/index.php","name":"f"}`)
	if !strings.Contains(r.Log, "said\n") {
		t.Errorf("log is %q", r.Log)
	}
	f.Handler = "index.text"
	returns(t, f, "\xff\x00", "\xff\x00")
	f.Handler = "index.failing"
	if r := fails(t, f, "", "RuntimeException", "x"); !slices.Equal(r.Error.Trace, []string{"/code/index.php(8)"}) {
		t.Errorf("trace is %q", r.Error.Trace)
	}
	f.Handler = "index.broken"
	fails(t, f, "", "Error", "undefined_function")
	f.Handler = "index.absent"
	fails(t, f, "", "Runtime.HandlerNotFound", "absent")
	f.Handler = "other.handler"
	fails(t, f, "", "Runtime.ImportModuleError", "other.php")

	f.Service, f.Cell, f.Handler = "scf", installed(t, "scf", "php"), "index.main_handler"
	returns(t, f, `{"a":1}`, `[1,"r-1","hello","\/var\/user"]`)
	f.Handler = "index.handler" // nothing of a layer is on SCF's include path
	if r := run(t, f, `{}`); !r.Failed {
		t.Errorf("output is %s", r.Output)
	}
}
