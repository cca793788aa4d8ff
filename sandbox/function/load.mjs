// Module hooks for import, which NODE_PATH does not reach and which looks for
// packages up to the root of the file system.
import path from "node:path";
import { pathToFileURL } from "node:url";

let inside = () => true;
let parents = [];

export function initialize({ roots, searched }) {
  const urls = roots.map((root) => pathToFileURL(root).href);
  inside = (url) => !url.startsWith("file:") || urls.some((root) => url.startsWith(root));
  // Lambda's Node.js finds packages on NODE_PATH since 18: "ES module
  // resolution using NODE_PATH" in
  // aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda.
  // The resolver looks for node_modules beside a parent.
  parents = searched
    .filter((folder) => path.basename(folder) === "node_modules")
    .map((folder) => pathToFileURL(path.join(path.dirname(folder), "parent.mjs")).href);
}

export async function resolve(specifier, context, next) {
  if (/^([./]|[a-z]+:)/.test(specifier)) return next(specifier, context);
  let missing;
  for (const parentURL of [context.parentURL, ...parents]) {
    try {
      const found = await next(specifier, { ...context, parentURL });
      if (inside(found.url)) return found;
    } catch (error) {
      if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
      missing = missing || error;
    }
  }
  throw missing || Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
}
