package function

import (
	"strings"

	"github.com/layerbuild/layerbuild/runtimes"
)

// A habitat is what a function finds around it in its cloud, in the cloud's
// own paths. Facts, and nothing else, stand in this file.
type habitat struct {
	// task is the folder of the code, and the current one.
	task string
	// env are the variables that hold paths.
	env []variable
	// include is PHP's include_path.
	include string
}

type variable struct{ name, value string }

// habitatOf returns the habitat of a runtime.
func habitatOf(service string, c runtimes.Cell) (habitat, bool) {
	var h habitat
	switch service {
	case "lambda":
		h = lambdaHabitat(c.Language)
	case "fc2", "fc3":
		h = fcHabitat(c.Language)
	case "scf":
		h = scfHabitat(c.Language, version(c))
	default:
		return h, false
	}
	for i := range h.env {
		h.env[i].value = strings.ReplaceAll(h.env[i].value, "{version}", version(c))
	}
	return h, true
}

// lambdaHabitat: values that functions of all runtimes saw, as LocalStack
// recorded them of the real service (test_introspection_invoke in
// tests/aws/services/lambda_/test_lambda_common.snapshot.json), less the
// runtime client's own folder in RUBYLIB and what is there twice.
func lambdaHabitat(language string) habitat {
	h := habitat{task: "/var/task", env: []variable{
		{"LAMBDA_TASK_ROOT", "/var/task"},
		{"LAMBDA_RUNTIME_DIR", "/var/runtime"},
		{"PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"},
		{"LD_LIBRARY_PATH", "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"},
	}}
	switch language {
	case "python":
		// Unless the function sets PYTHONPATH, the runtime's own bootstrap
		// puts these in front, after the code's folder
		// (set_default_sys_path in /var/runtime/bootstrap.py).
		h.env = append(h.env, variable{"PYTHONPATH", "/opt/python/lib/python{version}/site-packages:/opt/python"})
	case "nodejs":
		h.env = append(h.env, variable{"NODE_PATH",
			"/opt/nodejs/node{version}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"})
	case "ruby":
		h.env = append(h.env,
			variable{"GEM_HOME", "/var/runtime"},
			variable{"GEM_PATH", "/var/task/vendor/bundle/ruby/{version}.0:/opt/ruby/gems/{version}.0:/var/runtime:/var/runtime/ruby/{version}.0"},
			variable{"RUBYLIB", "/var/task:/var/runtime/lib:/opt/ruby/lib"})
	}
	return h
}

// fcHabitat: which folder of a layer is searched is in the vendor's table,
// help.aliyun.com/document_detail/193057.html; what comes before and after it
// is not. The rest is of the vendor's own images for running functions locally
// (github.com/aliyun/fc-docker). 2.0 and 3.0 are alike.
func fcHabitat(language string) habitat {
	h := habitat{task: "/code", env: []variable{
		{"FC_FUNC_CODE_PATH", "/code/"},
		{"PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"},
		{"LD_LIBRARY_PATH", "/code/:/code/lib:/usr/local/lib:/opt/lib"},
	}}
	switch language {
	case "python":
		h.env = append(h.env, variable{"PYTHONPATH", "/opt/python"})
	case "nodejs":
		h.env = append(h.env, variable{"NODE_PATH", "/opt/nodejs/node_modules"})
	case "php":
		h.include = ".:/opt/php"
	}
	return h
}

// scfHabitat: tencentcloud.com/document/product/583/40323 (Python),
// cloud.tencent.com/document/product/583/11060 (Node.js), .../583/17531 (PHP,
// whose two folders changed places with 7.4). No page puts a folder of /opt on
// PATH, LD_LIBRARY_PATH or PHP's include path.
func scfHabitat(language, version string) habitat {
	h := habitat{task: "/var/user", env: []variable{{"PATH", "/usr/local/bin:/usr/bin:/bin"}}}
	switch language {
	case "python":
		h.env = append(h.env, variable{"PYTHONPATH", "/var/user:/opt"})
	case "nodejs":
		h.env = append(h.env, variable{"NODE_PATH",
			"/var/user:/var/user/node_modules:/var/lang/node{version}/lib/node_modules:/opt:/opt/node_modules"})
	case "php":
		scan := "/opt/php_extension:/var/user/php_extension"
		if version == "7.2" || version == "5.6" {
			scan = "/var/user/php_extension:/opt/php_extension"
		}
		h.env = append(h.env, variable{"PHP_INI_SCAN_DIR", scan})
		h.include = "."
	}
	return h
}
