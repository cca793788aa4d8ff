// Drives a running sandbox with Tencent Cloud's SDK for JavaScript and says
// whether its SCF answers as the cloud does. One line on stdout for each check;
// the first thing that is wrong ends the run with 1.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import COS from "cos-nodejs-sdk-v5";
import tencentcloud from "tencentcloud-sdk-nodejs-scf";
import { check, failure, makeZip, run, runnable } from "./judging.mjs";

const appid = process.env.LAYERBUILD_JUDGE_APPID;
const region = "ap-guangzhou";
const layer = "judge-scf";
const zip = makeZip({ "node_modules/greet/index.js": "module.exports = 'hello of one';" });
const other = makeZip({ "node_modules/greet/index.js": "module.exports = 'hello of two';" });
const code = makeZip({ "index.js": "exports.main = async (event) => require('greet') + ' to ' + event.name;" });
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

// client has the keys of the environment, and another secret or language on
// request.
function client({ secretKey = process.env.TENCENTCLOUD_SECRET_KEY, language = "en-US" } = {}) {
  return new tencentcloud.scf.v20180416.Client({
    credential: { secretId: process.env.TENCENTCLOUD_SECRET_ID, secretKey },
    region,
    profile: { language, httpProfile: { endpoint: process.env.LAYERBUILD_SCF_ENDPOINT.replace("http://", ""), protocol: "http://" } },
  });
}

// refused checks that a call fails with a code.
async function refused(name, code, call) {
  const e = await failure(name, call);
  check(name, e.code === code && /^[0-9a-f-]{36}$/.test(e.requestId), [e.code, e.message, e.requestId]);
  return e;
}

// settled waits until a thing is ready, and returns what was said of it last.
async function settled(pending, get) {
  for (let i = 0; ; i++) {
    const got = await get();
    if (got.Status !== pending) return got;
    if (i === 100) throw new Error(`${pending} for too long`);
    await sleep(20);
  }
}

async function judgeLayers(c) {
  const publish = (Content, more) => c.PublishLayerVersion({ LayerName: layer, CompatibleRuntimes: ["Nodejs20.19", "Python3.9"], Content, ...more });
  const one = await publish({ ZipFile: zip.toString("base64") }, { Description: "d", LicenseInfo: "MIT" });
  check("publish inline", one.LayerVersion === 1, one);
  check("publishing", (await c.GetLayerVersion({ LayerName: layer, LayerVersion: 1 })).Status === "Publishing");
  const got = await settled("Publishing", () => c.GetLayerVersion({ LayerName: layer, LayerVersion: 1 }));
  check("get", got.Status === "Active" && got.CodeSha256 === sha256(zip) && got.Description === "d" && got.LicenseInfo === "MIT" && got.CompatibleRuntimes.join() === "Nodejs20.19,Python3.9", got);
  check("added", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(got.AddTime), got.AddTime);
  const fetched = await fetch(got.Location);
  check("location", fetched.status === 200 && Buffer.from(await fetched.arrayBuffer()).equals(zip), fetched.status);
  const two = await publish({ CosBucketName: "judge-scf", CosObjectName: "/dir/layer.zip", CosBucketRegion: region });
  const active = await settled("Publishing", () => c.GetLayerVersion({ LayerName: layer, LayerVersion: two.LayerVersion }));
  check("publish from COS", active.CodeSha256 === sha256(other), active);
  const full = await publish({ CosBucketName: `judge-scf-${appid}`, CosObjectName: "dir/layer.zip", CosBucketRegion: region });
  check("publish from COS, full name", full.LayerVersion === 3, full);
  const broken = await publish({ ZipFile: Buffer.from("text").toString("base64") });
  const failed = await settled("Publishing", () => c.GetLayerVersion({ LayerName: layer, LayerVersion: broken.LayerVersion }));
  check("publish no zip", failed.Status === "PublishFailed", failed);
  const versions = await c.ListLayerVersions({ LayerName: layer, CompatibleRuntime: ["Python3.9"] });
  check("list versions", versions.LayerVersions.map((v) => v.LayerVersion).join() === "4,3,2,1", versions);
  const layers = await c.ListLayers({ SearchKey: "judge", Limit: 10 });
  check("list layers", layers.TotalCount === 1 && layers.Layers[0].LayerName === layer, layers);
  await c.DeleteLayerVersion({ LayerName: layer, LayerVersion: 3 });
  await refused("deleted", "ResourceNotFound.LayerVersion", () => c.GetLayerVersion({ LayerName: layer, LayerVersion: 3 }));
  await refused("bad base64", "InvalidParameterValue.ZipFileBase64BinasciiError", () => publish({ ZipFile: "UEsDB" }));
  await refused("no such object", "InvalidParameterValue.CosObjectName", () => publish({ CosBucketName: "judge-scf", CosObjectName: "nothing", CosBucketRegion: region }));
  await refused("missing bucket", "InvalidParameterValue.CosBucketName", () => publish({ CosBucketName: "missing-bucket", CosObjectName: "k" }));
  await refused("denied bucket", "UnauthorizedOperation.CAM", () => publish({ CosBucketName: "denied-bucket", CosObjectName: "k" }));
  await refused("unknown runtime", "InvalidParameterValue.CompatibleRuntimes", () => publish({ ZipFile: zip.toString("base64") }, { CompatibleRuntimes: ["nodejs20"] }));
  await refused("bad name", "InvalidParameterValue.LayerName", () => publish({ ZipFile: zip.toString("base64") }, { LayerName: "a-" }));
  await refused("more than 10 MB", "RequestSizeLimitExceeded", () => publish({ ZipFile: "A".repeat(10 << 20) }));
}

async function judgeFunctions(c) {
  const create = (more) => c.CreateFunction({ FunctionName: "judge", Runtime: "Nodejs20.19", Handler: "index.main", Code: { ZipFile: code.toString("base64") }, Layers: [{ LayerName: layer, LayerVersion: 1 }, { LayerName: layer, LayerVersion: 2 }], ...more });
  await refused("layer that is not there", "ResourceNotFound.LayerVersion", () => create({ Layers: [{ LayerName: layer, LayerVersion: 9 }] }));
  await create();
  await refused("function twice", "ResourceInUse.FunctionName", () => create());
  const got = await settled("Creating", () => c.GetFunction({ FunctionName: "judge" }));
  check("get function", got.Status === "Active" && got.Layers.map((l) => l.LayerVersion).join() === "1,2", got);
  // Of two layers with the same file the last one wins.
  const { Result } = await c.Invoke({ FunctionName: "judge", ClientContext: JSON.stringify({ name: "judge" }), LogType: "Tail" });
  if (runnable) check("invoke", Result.InvokeResult === 0 && JSON.parse(Result.RetMsg) === "hello of two to judge", Result);
  else check("invoke, which cannot be run", Result.InvokeResult === -1 && Result.ErrMsg.includes("Layerbuild.NotRun"), Result);
  const list = await c.ListFunctions({ Namespace: "default", Limit: 20 });
  check("list functions", list.TotalCount === 1 && list.Functions[0].FunctionName === "judge", list);
  const namespaces = await c.ListNamespaces({});
  check("list namespaces", namespaces.Namespaces.map((n) => n.Name).join() === "default", namespaces);
  await refused("delete a layer in use", "ResourceInUse.LayerVersion", () => c.DeleteLayerVersion({ LayerName: layer, LayerVersion: 2 }));
  await c.DeleteFunction({ FunctionName: "judge" });
  await refused("deleted function", "ResourceNotFound.Function", () => c.GetFunction({ FunctionName: "judge" }));
}

await run(async () => {
  const cos = new COS({
    SecretId: process.env.TENCENTCLOUD_SECRET_ID, SecretKey: process.env.TENCENTCLOUD_SECRET_KEY,
    Protocol: "http:", Proxy: process.env.LAYERBUILD_COS_ENDPOINT,
  });
  await cos.putObject({ Bucket: `judge-scf-${appid}`, Region: region, Key: "dir/layer.zip", Body: other });
  const c = client();
  await judgeLayers(c);
  await judgeFunctions(c);
  const e = await refused("wrong secret", "AuthFailure.SignatureFailure", () => client({ secretKey: "wrong" }).ListLayers({}));
  check("in English", e.message === "The provided credentials could not be validated. Please check your signature is correct.", e.message);
  const chinese = await refused("wrong secret, in Chinese", "AuthFailure.SignatureFailure", () => client({ secretKey: "wrong", language: "zh-CN" }).ListLayers({}));
  check("in Chinese", chinese.message.startsWith("请求签名验证失败"), chinese.message);
});
