// Imports what smoke.json names and reports on it.
"use strict";

const fs = require("fs");
const path = require("path");
const settings = require("./smoke.json");

// load takes ES modules too where the runtime cannot require them.
async function load(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== "ERR_REQUIRE_ESM" && error.code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
    return await require("./esm.js")(name);
  }
}

// version reads the package's own package.json, which need not be exported.
function version(name) {
  const pack = name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
  try {
    for (let dir = path.dirname(require.resolve(name)), above; dir !== above; above = dir, dir = path.dirname(dir)) {
      const file = path.join(dir, "package.json");
      if (fs.existsSync(file)) {
        const description = JSON.parse(fs.readFileSync(file, "utf8"));
        if (description.name === pack) return String(description.version || "");
      }
    }
  } catch (error) {
    // Built in, or only for import.
  }
  return "";
}

async function look() {
  const imports = {};
  const failed = {};
  for (const name of settings.imports) {
    try {
      await load(name);
      imports[name] = version(name);
    } catch (error) {
      failed[name] = String(error).split("\n")[0];
    }
  }
  const report = { ok: Object.keys(failed).length === 0, imports, failed };
  return settings.text ? JSON.stringify(report) : report;
}

// Two declared parameters: with a third, Lambda's Node.js 24 refuses it.
// Function Compute's older runtimes want the callback and not the promise.
exports.handler = async (event, context, ...rest) => {
  const report = await look();
  if (settings.text && typeof rest[0] === "function") rest[0](null, report);
  return report;
};

exports.main_handler = async (event, context) => look();
