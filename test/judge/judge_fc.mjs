// Drives a running sandbox with Alibaba Cloud's SDKs for JavaScript, for both
// APIs of Function Compute, and says whether it answers as the cloud does. One
// line on stdout for each check; the first thing that is wrong ends the run
// with 1.

import { Readable } from "node:stream";
import openapi from "@alicloud/openapi-client";
import util from "@alicloud/tea-util";
import fc2 from "@alicloud/fc-open20210406";
import fc3 from "@alicloud/fc20230330";
import OSS from "ali-oss";
import { check, crc64, failure, makeZip, run, runnable } from "./judging.mjs";

const endpoint = process.env.LAYERBUILD_FC_ENDPOINT.replace("http://", "");
const bucket = "judge-fc";
const layer = "judge-fc";
const zip = makeZip({ "nodejs/node_modules/greet/index.js": "module.exports = 'hello of one';" });
const other = makeZip({ "nodejs/node_modules/greet/index.js": "module.exports = 'hello of two';" });
const code = makeZip({ "index.js": "exports.handler = (event, context, callback) => callback(null, require('greet') + ' to ' + event);" });

// config has the keys of the environment, and another secret on request.
function config(secret = process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET) {
  return new openapi.Config({ accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: secret, endpoint, protocol: "http" });
}

// refused checks that a call fails with a code and an HTTP status.
async function refused(name, code, status, call) {
  const e = await failure(name, call);
  const got = [e.code, e.statusCode ?? e.data?.statusCode];
  check(name, got[0] === code && got[1] === status, [...got, e.message]);
}

async function download(url) {
  const response = await fetch(url);
  return response.status === 200 ? Buffer.from(await response.arrayBuffer()) : response.status;
}

async function judgeLayers2(c) {
  const inline = () => new fc2.CreateLayerVersionRequest({ code: new fc2.Code({ zipFile: zip.toString("base64") }), compatibleRuntime: ["nodejs20"], description: "one" });
  const { body: one } = await c.createLayerVersion(layer, inline());
  check("2.0, create inline", one.version === 1 && one.codeChecksum === crc64(zip) && one.codesize === zip.length && one.acl === 0, one);
  check("2.0, older ARN", /^[0-9a-f]{32}#judge-fc#1$/.test(one.arn), one.arn);
  const request = inline();
  request.code = new fc2.Code({ ossBucketName: bucket, ossObjectName: "dir/layer.zip" });
  const { body: two } = await c.createLayerVersion(layer, request);
  check("2.0, create from OSS", two.version === 2 && two.codeChecksum === crc64(other), two);
  const { body: got } = await c.getLayerVersion(layer, "1");
  check("2.0, get", got.codeSize === zip.length && got.description === "one" && got.compatibleRuntime.join() === "nodejs20" && /layers\/judge-fc\/versions\/1$/.test(got.arnV2), got);
  const data = await download(got.code.location);
  check("2.0, location", Buffer.isBuffer(data) && data.equals(zip), data);
  const { body: list } = await c.listLayerVersions(layer, new fc2.ListLayerVersionsRequest({ limit: 1, startVersion: 2 }));
  check("2.0, list versions", list.layers.length === 1 && list.layers[0].version === 2 && list.nextVersion === undefined, list);
  const { body: layers } = await c.listLayers(new fc2.ListLayersRequest({ prefix: "judge" }));
  check("2.0, list layers", layers.layers.map((l) => l.layerName).join() === layer, layers);
  await c.putLayerACL(layer, new fc2.PutLayerACLRequest({ public: true }));
  check("2.0, share", (await c.getLayerVersion(layer, "1")).body.acl === 1);
  request.code = new fc2.Code({ ossBucketName: bucket, ossObjectName: "nothing" });
  await refused("2.0, no such object", "InvalidArgument", 400, () => c.createLayerVersion(layer, request));
  await refused("2.0, no version", "LayerVersionNotFound", 404, () => c.getLayerVersion(layer, "9"));
  await refused("2.0, no layer", "LayerNotFound", 404, () => c.getLayerVersion("nothing", "1"));
}

async function judgeLayers3(c) {
  const inline = (checksum) => new fc3.CreateLayerVersionRequest({ body: new fc3.CreateLayerVersionInput({ code: new fc3.InputCodeLocation({ zipFile: zip.toString("base64"), checksum }), compatibleRuntime: ["nodejs20", "custom.debian12"], description: "three", license: "MIT" }) });
  const { body: three } = await c.createLayerVersion(layer, inline(crc64(zip)));
  check("3.0, create inline", three.version === 3 && three.codeChecksum === crc64(zip) && three.codeSize === zip.length && three.acl === "1" && three.license === "MIT", three);
  await refused("3.0, wrong checksum", "InvalidArgument", 400, () => c.createLayerVersion(layer, inline("1")));
  const { body: byArn } = await c.getLayerVersionByArn(three.layerVersionArn);
  check("3.0, get by ARN", byArn.version === 3 && byArn.layerVersionArn === three.layerVersionArn, byArn);
  const { body: got } = await c.getLayerVersion(layer, "1");
  check("3.0, get", got.description === "one" && got.codeChecksum === crc64(zip), got);
  const data = await download(got.code.location);
  check("3.0, location", Buffer.isBuffer(data) && data.equals(zip), data);
  check("3.0, location, changed", (await download(got.code.location.replace("x-oss-expires=600", "x-oss-expires=601"))) === 403);
  const { body: list } = await c.listLayerVersions(layer, new fc3.ListLayerVersionsRequest({ limit: 2, startVersion: "1" }));
  check("3.0, list versions", list.layers.map((l) => l.version).join() === "1,2" && list.nextVersion === 3, list);
  const { body: layers } = await c.listLayers(new fc3.ListLayersRequest({ public: "true" }));
  check("3.0, list layers", layers.layers[0].version === 3, layers);
  await c.putLayerACL(layer, new fc3.PutLayerACLRequest({ acl: "0" }));
  check("3.0, share", (await c.getLayerVersion(layer, "1")).body.acl === "0");
  await c.deleteLayerVersion(layer, "3");
  await refused("3.0, deleted", "LayerVersionNotFound", 404, () => c.getLayerVersion(layer, "3"));
  return [got.layerVersionArn, list.layers[1].layerVersionArn];
}

// ran checks what an invoked function came to. Of two layers with the same
// file the first one wins.
function ran(name, body, headers, greeting) {
  if (runnable) check(name, body === `${greeting} to judge` && !headers["x-fc-error-type"], [body, headers]);
  else check(`${name}, which cannot be run`, body.includes("Layerbuild.NotRun") && headers["x-fc-error-type"] === "UnhandledInvocationError", [body, headers]);
}

async function text(body) {
  if (!(body instanceof Readable)) return body.toString();
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// judgeServiceVersions has a function give its layers up: the version of the
// service that was published before still has them.
async function judgeServiceVersions(c, layers) {
  const { body: version } = await c.publishServiceVersion("judge", new fc2.PublishServiceVersionRequest({ description: "before" }));
  check("2.0, publish version", version.versionId === "1" && version.description === "before" && !!version.createdTime, version);
  await refused("2.0, publish the same again", "VersionPublishError", 400, () => c.publishServiceVersion("judge", new fc2.PublishServiceVersionRequest({})));
  const { body: updated } = await c.updateFunction("judge", "fn", new fc2.UpdateFunctionRequest({ layers: [] }));
  check("2.0, update function", updated.layers.length === 0 && updated.handler === "index.handler", updated);
  const { body: versions } = await c.listServiceVersions("judge", new fc2.ListServiceVersionsRequest({ limit: 1 }));
  check("2.0, list versions of a service", versions.versions.map((v) => v.versionId).join() === "1" && versions.direction === "BACKWARD" && versions.nextToken === undefined, versions);
  const { body: before } = await c.listFunctions("judge", new fc2.ListFunctionsRequest({ qualifier: "1" }));
  check("2.0, list functions of a version", before.functions[0].layersArnV2.join() === layers.join(), before);
  await refused("2.0, no such version", "VersionNotFound", 404, () => c.listFunctions("judge", new fc2.ListFunctionsRequest({ qualifier: "2" })));
  await c.deleteServiceVersion("judge", "1");
}

// judgeFunctionVersions does the same in 3.0, where versions are of a function.
async function judgeFunctionVersions(c, layers) {
  const publish = () => c.publishFunctionVersion("fn", new fc3.PublishFunctionVersionRequest({ body: new fc3.PublishVersionInput({ description: "before" }) }));
  const { body: version } = await publish();
  check("3.0, publish version", version.versionId === "1" && version.description === "before" && !!version.createdTime, version);
  await refused("3.0, publish the same again", "VersionPublishError", 400, publish);
  const { body: updated } = await c.updateFunction("fn", new fc3.UpdateFunctionRequest({ body: new fc3.UpdateFunctionInput({ layers: [] }) }));
  check("3.0, update function", updated.layers.length === 0 && updated.handler === "index.handler", updated);
  const { body: versions } = await c.listFunctionVersions("fn", new fc3.ListFunctionVersionsRequest({ direction: "FORWARD" }));
  check("3.0, list versions of a function", versions.versions.map((v) => v.versionId).join() === "1" && versions.direction === "FORWARD", versions);
  const { body: before } = await c.getFunction("fn", new fc3.GetFunctionRequest({ qualifier: "1" }));
  check("3.0, get function of a version", before.layers.map((l) => l.arn).join() === layers.join(), before);
  await c.deleteFunctionVersion("fn", "1");
  await refused("3.0, no such version", "VersionNotFound", 404, () => c.getFunction("fn", new fc3.GetFunctionRequest({ qualifier: "1" })));
}

async function judgeFunctions2(c, layers) {
  await c.createService(new fc2.CreateServiceRequest({ serviceName: "judge" }));
  await refused("2.0, service twice", "ServiceAlreadyExists", 409, () => c.createService(new fc2.CreateServiceRequest({ serviceName: "judge" })));
  const request = new fc2.CreateFunctionRequest({ functionName: "fn", runtime: "nodejs20", handler: "index.handler", code: new fc2.Code({ zipFile: code.toString("base64") }), layers });
  const headers = (checksum) => new fc2.CreateFunctionHeaders({ xFcCodeChecksum: checksum });
  const options = new util.RuntimeOptions({});
  await refused("2.0, create function, wrong checksum", "InvalidArgument", 400, () => c.createFunctionWithOptions("judge", request, headers("1"), options));
  const { body: made } = await c.createFunctionWithOptions("judge", request, headers(crc64(code)), options);
  check("2.0, create function", made.codeChecksum === crc64(code) && made.layersArnV2.join() === layers.join(), made);
  const { body: list } = await c.listFunctions("judge", new fc2.ListFunctionsRequest({ prefix: "f" }));
  check("2.0, list functions", list.functions.map((f) => f.functionName).join() === "fn", list);
  const out = await c.invokeFunctionWithOptions("judge", "fn", new fc2.InvokeFunctionRequest({ body: Buffer.from("judge") }), new fc2.InvokeFunctionHeaders({ xFcLogType: "Tail" }), options);
  ran("2.0, invoke", await text(out.body), out.headers, "hello of one");
  await judgeServiceVersions(c, layers);
  await refused("2.0, delete service with a function", "ServiceNotEmpty", 409, () => c.deleteService("judge"));
  await c.deleteFunction("judge", "fn");
  await c.deleteService("judge");
  await refused("2.0, deleted", "ServiceNotFound", 404, () => c.getFunction("judge", "fn", new fc2.GetFunctionRequest({})));
}

async function judgeFunctions3(c, layers) {
  const request = (layers) => new fc3.CreateFunctionRequest({ body: new fc3.CreateFunctionInput({ functionName: "fn", runtime: "nodejs20", handler: "index.handler", code: new fc3.InputCodeLocation({ zipFile: code.toString("base64"), checksum: crc64(code) }), layers }) });
  await refused("3.0, layer that is not there", "LayerVersionNotFound", 404, () => c.createFunction(request([layers[0].replace(/1$/, "9")])));
  const reversed = [...layers].reverse();
  const { body: made } = await c.createFunction(request(reversed));
  check("3.0, create function", made.layers.map((l) => l.arn).join() === reversed.join() && made.state === "Active", made);
  const { body: list } = await c.listFunctions(new fc3.ListFunctionsRequest({ fcVersion: "v3" }));
  check("3.0, list functions", list.functions.map((f) => f.functionName).join() === "fn" && list.functions[0].layers[0].arn === reversed[0], list);
  const out = await c.invokeFunction("fn", new fc3.InvokeFunctionRequest({ body: Readable.from([Buffer.from("judge")]) }));
  ran("3.0, invoke", await text(out.body), out.headers, "hello of two");
  await judgeFunctionVersions(c, reversed);
  await c.deleteFunction("fn");
  await refused("3.0, deleted", "FunctionNotFound", 404, () => c.getFunction("fn", new fc3.GetFunctionRequest({})));
}

await run(async () => {
  const oss = new OSS({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.LAYERBUILD_OSS_ENDPOINT, region: "oss-cn-hangzhou", bucket, authorizationV4: true, sldEnable: true,
  });
  await oss.put("dir/layer.zip", other);
  const c2 = new fc2.default(config());
  const c3 = new fc3.default(config());
  await judgeLayers2(c2);
  const layers = await judgeLayers3(c3);
  await judgeFunctions2(c2, layers);
  await judgeFunctions3(c3, layers);
  await refused("2.0, wrong secret", "SignatureNotMatch", 403, () => new fc2.default(config("wrong")).listLayers(new fc2.ListLayersRequest({})));
  await refused("3.0, wrong secret", "SignatureNotMatch", 403, () => new fc3.default(config("wrong")).listLayers(new fc3.ListLayersRequest({})));
});
