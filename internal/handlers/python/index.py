"""Imports what smoke.json names and reports on it."""
import importlib
import json
import os


def version(name, module):
    try:
        return str(module.__version__)
    except Exception:
        pass
    try:
        from importlib import metadata  # since Python 3.8

        return str(metadata.version(name.partition(".")[0]))
    except Exception:
        return ""


def look():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "smoke.json")) as file:
        settings = json.load(file)
    imports, failed = {}, {}
    for name in settings["imports"]:
        try:
            imports[name] = version(name, importlib.import_module(name))
        except (Exception, SystemExit) as error:
            failed[name] = "%s: %s" % (type(error).__name__, error)
    report = {"ok": not failed, "imports": imports, "failed": failed}
    return json.dumps(report) if settings["text"] else report


def handler(event, context):
    return look()


def main_handler(event, context):
    return look()
