// Calls a function's handler once, as the clouds' Node.js runtimes do.
//
// The first argument is the folder of the call: call.json and event are read
// there; output or failure is left there, and loaded once the code is loaded.
"use strict";

const fs = require("fs");
const path = require("path");
const Module = require("module");
const { pathToFileURL } = require("url");

const folder = process.argv[2];
const call = JSON.parse(fs.readFileSync(path.join(folder, "call.json"), "utf8"));
const isFC = call.service.startsWith("fc");

// leave writes a file that is whole when it has its name.
function leave(name, data) {
  const file = path.join(folder, name);
  fs.writeFileSync(file + ".part", data);
  fs.renameSync(file + ".part", file);
}

// end leaves the result and ends before the function can do anything else.
function end(name, data) {
  leave(name, data);
  process.reallyExit(0);
}

function fail(errorType, errorMessage, stackTrace) {
  end("failure", JSON.stringify({ errorType, errorMessage, stackTrace: stackTrace || [] }));
}

function failWith(error) {
  if (error instanceof Error || (error && error.name && error.message && error.stack)) {
    fail(error.name, error.message, String(error.stack).split("\n"));
  }
  fail(typeof error, String(error));
}

// spell is the result as the service sends it.
function spell(result) {
  if (isFC) {
    if (Buffer.isBuffer(result)) return result;
    return result !== null && typeof result === "object" ? JSON.stringify(result) : String(result);
  }
  const text = JSON.stringify(result === undefined ? null : result);
  return text === undefined ? "null" : text;
}

function succeed(result) {
  let output;
  try {
    output = spell(result);
  } catch (error) {
    fail("Runtime.JSONStringifyError", `Unable to stringify response body: ${error.message}`);
  }
  end("output", output);
}

// Packages are looked for in the function's own folders only: not beside the
// temporary folder, nor where this machine keeps global ones.
function isolate() {
  const roots = [call.task, call.opt, call.runtime].map((root) => root + path.sep);
  const inside = (p) => roots.some((root) => (p + path.sep).startsWith(root));
  const lookup = Module._resolveLookupPaths;
  Module._resolveLookupPaths = function (...args) {
    const paths = lookup.apply(this, args);
    return paths && paths.filter((p) => !path.isAbsolute(p) || inside(p));
  };
  if (Module.register) {
    const searched = call.service === "lambda" && Number(call.version) >= 18 ? (process.env.NODE_PATH || "").split(path.delimiter) : [];
    Module.register(pathToFileURL(path.join(__dirname, "load.mjs")), { data: { roots, searched } });
  }
}

// isModule says whether the nearest package.json makes .js files ES modules.
function isModule(file) {
  for (let dir = path.dirname(file); dir.startsWith(call.task); dir = path.dirname(dir)) {
    const description = path.join(dir, "package.json");
    if (fs.existsSync(description)) {
      return JSON.parse(fs.readFileSync(description, "utf8")).type === "module";
    }
  }
  return false;
}

// load follows UserFunction.js of aws/aws-lambda-nodejs-runtime-interface-client.
async function load() {
  const slash = call.handler.lastIndexOf("/") + 1;
  const match = /^([^.]*)\.(.+)$/.exec(call.handler.slice(slash));
  if (!match || call.handler.includes("..")) fail("Runtime.MalformedHandlerName", "Bad handler");
  const base = path.join(call.task, call.handler.slice(0, slash), match[1]);
  let loaded;
  try {
    if (fs.existsSync(base + ".js")) {
      loaded = isModule(base + ".js") ? await import(pathToFileURL(base + ".js").href) : require(base + ".js");
    } else if (fs.existsSync(base + ".mjs")) {
      loaded = await import(pathToFileURL(base + ".mjs").href);
    } else if (fs.existsSync(base + ".cjs")) {
      loaded = require(base + ".cjs");
    } else {
      fail("Runtime.ImportModuleError", `Error: Cannot find module '${match[1]}'`);
    }
  } catch (error) {
    if (error instanceof SyntaxError) fail("Runtime.UserCodeSyntaxError", String(error), String(error.stack).split("\n"));
    if (error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND")) {
      fail("Runtime.ImportModuleError", String(error), String(error.stack).split("\n"));
    }
    failWith(error);
  }
  const handler = match[2].split(".").reduce((object, key) => object && object[key], loaded);
  if (typeof handler !== "function") {
    fail("Runtime.HandlerNotFound", `${call.handler} is ${handler === undefined ? "undefined or not exported" : "not a function"}`);
  }
  if (call.service === "lambda" && Number(call.version) >= 24 && handler.length === 3) {
    // The declared parameters alone decide.
    fail("Runtime.CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to " +
      "modify this function to use a supported handler signature to use Node.js 24 or later.");
  }
  return handler;
}

async function main() {
  const raw = fs.readFileSync(path.join(folder, "event"));
  let event = raw; // Function Compute passes the bytes on
  if (!isFC) {
    try {
      event = JSON.parse(raw.toString("utf8"));
    } catch (error) {
      failWith(error);
    }
  }
  isolate();
  process.on("uncaughtException", failWith);
  process.on("unhandledRejection", (reason) => {
    fail("Runtime.UnhandledPromiseRejection", String(reason), reason && reason.stack ? String(reason.stack).split("\n") : []);
  });
  const handler = await load();
  leave("loaded", "");
  const deadline = Date.now() + call.timeout;
  const context = {
    functionName: call.name, functionVersion: "$LATEST", memoryLimitInMB: String(call.memory),
    awsRequestId: call.request_id, requestId: call.request_id, request_id: call.request_id,
    callbackWaitsForEmptyEventLoop: !isFC,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  // What is answered when nothing is left to be done.
  let idle = () => succeed(null);
  process.once("beforeExit", () => idle());
  const callback = (error, result) => {
    if (error !== undefined && error !== null) failWith(error);
    if (!context.callbackWaitsForEmptyEventLoop) succeed(result);
    idle = () => succeed(result);
  };
  let returned;
  try {
    returned = handler(event, context, callback);
  } catch (error) {
    failWith(error);
  }
  if (returned && typeof returned.then === "function") {
    idle = () => fail("Runtime.NodeJsExit", "The function's promise was never settled");
    returned.then((result) => succeed(result), failWith);
  }
}

main();
