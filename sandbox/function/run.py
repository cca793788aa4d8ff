"""Calls a function's handler once, as the cloud's Python runtimes do.

The first argument is the folder of the call: call.json and event are read
there; output or failure is left there, and loaded once the code is loaded.
"""
import importlib
import json
import os
import sys
import time
import traceback

FOLDER = sys.argv[1]


def leave(name, data):
    """Writes a file that is whole when it has its name."""
    path = os.path.join(FOLDER, name)
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.replace(path + ".part", path)


def end(name, data):
    """Leaves the result and ends before the function can do anything else."""
    leave(name, data)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def fail(kind, message, trace):
    document = {"errorType": kind, "errorMessage": message, "stackTrace": trace}
    end("failure", json.dumps(document).encode())


def trace(error):
    """The frames of the function, without those of this file."""
    frames = traceback.extract_tb(error.__traceback__)
    return traceback.format_list([f for f in frames if f.filename != __file__])


class Context(object):
    """What the clouds tell a function, in Lambda's spelling and in others'."""

    def __init__(self, call):
        self.function_name = call["name"]
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = str(call["memory"])
        self.aws_request_id = self.request_id = self.requestId = call["request_id"]
        self._deadline = time.time() + call["timeout"] / 1000.0

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.time()) * 1000))


def search(call):
    """Puts the search path together; the standard library stays behind it."""
    listed = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    sys.path[:0] = [call["task"]] + [p for p in listed if p != call["task"]]
    if call["service"] == "lambda":
        # Lambda reads the .pth files of these folders (add_default_site_directories
        # in its /var/runtime/bootstrap.py); plain PYTHONPATH would not.
        import site

        for folder in [call["task"]] + listed:
            site.addsitedir(folder)


def load(call):
    handler = call["handler"]
    module, dot, name = handler.rpartition(".")
    if not dot:
        fail("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % handler, [])
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as e:
        fail("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module, e), [])
    except SyntaxError as e:
        line = '  File "%s" Line %s\n    %s' % (e.filename, e.lineno, e.text)
        fail("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module, e), [line])
    except Exception as e:
        fail(type(e).__name__, str(e), trace(e))
    if not hasattr(loaded, name):
        fail("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module), [])
    return getattr(loaded, name)


def spell(service, result):
    """The result as the service sends it."""
    if service.startswith("fc"):
        if isinstance(result, bytes):
            return result
        if isinstance(result, str):
            return result.encode("utf-8", "surrogateescape")
    return json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass")


def main():
    with open(os.path.join(FOLDER, "call.json"), "rb") as file:
        call = json.loads(file.read().decode("utf-8"))
    with open(os.path.join(FOLDER, "event"), "rb") as file:
        event = file.read()
    service = call["service"]
    if not service.startswith("fc"):  # Function Compute passes the bytes on
        try:
            event = json.loads(event.decode("utf-8"))
        except ValueError as e:
            fail("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % e, [])
    search(call)
    handler = load(call)
    leave("loaded", b"")
    try:
        result = handler(event, Context(call))
    except Exception as e:
        fail(type(e).__name__, str(e), trace(e))
    try:
        output = spell(service, result)
    except (TypeError, ValueError) as e:
        fail("Runtime.MarshalError", "Unable to marshal response: %s" % e, [])
    end("output", output)


main()
