// Drives a running sandbox with Alibaba's OSS SDK for JavaScript and says
// whether it answers as OSS does. The environment says where the sandbox is and
// with which key. One line on stdout for each check; the first thing that is
// wrong ends the run with 1.

import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OSS from "ali-oss";
import { check, crc64, failure, run } from "./judging.mjs";

const bucket = "judge-js";
const { LAYERBUILD_OSS_ENDPOINT: endpoint, ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = process.env;

// sldEnable is path style. The SDK then still sends the bucket's host name.
const client = (more) => new OSS({ endpoint, region: "oss-cn-hangzhou", bucket, accessKeyId, accessKeySecret, authorizationV4: true, sldEnable: true, secure: false, ...more });

// refused checks that a call fails with an error code and an HTTP status.
async function refused(name, code, status, call) {
  const e = await failure(name, () => call);
  check(name, e.code === code && e.status === status, [e.code, e.status, e.message]);
  check(`${name}, with a request id`, /^[0-9A-F]{24}$/.test(e.requestId), e.requestId);
  return e;
}

const md5 = (data) => createHash("md5").update(data).digest();

async function judgeBucket(c) {
  await c.putBucket(bucket);
  const { bucket: info } = await c.getBucketInfo(bucket);
  check("bucket info", info.Name === bucket && info.Location === "oss-cn-hangzhou" && info.StorageClass === "Standard", info);
  const { location } = await c.getBucketLocation(bucket);
  check("bucket location", location === "oss-cn-hangzhou", location);
}

async function judgeObjects(c) {
  check("the judge's CRC-64", crc64(Buffer.from("123456789")) === "11051210869376104954");
  const body = Buffer.from("layerbuild");
  for (const key of ["plain.zip", "a b/ü+%2F'(*)!.zip"]) {
    const put = await c.put(key, body, { headers: { "Content-MD5": md5(body).toString("base64") }, meta: { tree: "abc" } });
    const headers = put.res.headers;
    check(`put ${key}`, headers["x-oss-hash-crc64ecma"] === crc64(body) && headers.etag === `"${md5(body).toString("hex").toUpperCase()}"`, headers);
    const head = await c.head(key);
    check(`head ${key}`, head.res.headers["x-oss-hash-crc64ecma"] === crc64(body) && head.res.headers["content-length"] === "10" && head.meta.tree === "abc", head.res.headers);
    const got = await c.get(key);
    check(`get ${key}`, got.content.equals(body), got.content);
  }
  const range = await c.get("plain.zip", { headers: { Range: "bytes=2-4" } });
  check("range", range.res.status === 206 && range.content.toString() === "yer", range.content.toString());
  const url = await c.signatureUrlV4("GET", 60, undefined, "plain.zip");
  const link = url.replace(/^https?:\/\/[^/]+(\/judge-js)?\//, `${endpoint}/judge-js/`);
  const fetched = await fetch(link);
  check("signed URL", fetched.status === 200 && (await fetched.text()) === "layerbuild", [url, fetched.status]);
  check("signed URL, changed", (await fetch(link.replace("x-oss-expires=60", "x-oss-expires=61"))).status === 403, link);

  await refused("create only", "FileAlreadyExists", 409, c.put("plain.zip", body, { headers: { "x-oss-forbid-overwrite": "true" } }));
  await refused("wrong MD5", "InvalidDigest", 400, c.put("x", body, { headers: { "Content-MD5": md5("other").toString("base64") } }));
  await refused("no such key", "NoSuchKey", 404, c.get("nothing"));
  await refused("no such key, head", "NoSuchKey", 404, c.head("nothing"));

  const keys = [];
  for (let token; ; ) {
    const page = await c.listV2({ "max-keys": 1, "continuation-token": token });
    keys.push(...page.objects.map((o) => o.name));
    if (!page.isTruncated) break;
    token = page.nextContinuationToken;
  }
  check("list objects", keys.join() === "a b/ü+%2F'(*)!.zip,plain.zip", keys);
  await c.delete("plain.zip");
  await c.delete("plain.zip");
  await refused("deleted", "NoSuchKey", 404, c.head("plain.zip"));
}

async function judgeMultipart(c) {
  const body = randomBytes(250_000);
  const folder = mkdtempSync(join(tmpdir(), "judge-"));
  const file = join(folder, "body");
  writeFileSync(file, body);
  try {
    const done = await c.multipartUpload("dir/parts ü", file, { partSize: 102_400, parallel: 2 });
    const headers = done.res.headers;
    check("multipart upload", headers["x-oss-hash-crc64ecma"] === crc64(body) && /^"[0-9A-F]{32}-3"$/.test(done.etag), [done.etag, headers]);
    check("multipart upload, read back", (await c.get("dir/parts ü")).content.equals(body));

    const { uploadId } = await c.initMultipartUpload("k");
    const part = await c.uploadPart("k", uploadId, 1, file, 0, 102_400);
    check("part", part.res.headers["x-oss-hash-crc64ecma"] === crc64(body.subarray(0, 102_400)), part.res.headers);
    const small = await c.uploadPart("k", uploadId, 2, file, 0, 100);
    const last = await c.uploadPart("k", uploadId, 3, file, 0, 1);
    const { parts } = await c.listParts("k", uploadId);
    check("list parts", parts.map((p) => p.Size).join() === "102400,100,1", parts);
    const { uploads } = await c.listUploads({ "max-uploads": 10, prefix: "k" });
    check("list uploads", uploads.length === 1 && uploads[0].uploadId === uploadId, uploads);
    const list = [part, small, last].map((p, i) => ({ number: i + 1, etag: p.etag }));
    await refused("small part", "EntityTooSmall", 400, c.completeMultipartUpload("k", uploadId, list));
    await refused("another ETag", "InvalidPart", 400, c.completeMultipartUpload("k", uploadId, [{ number: 1, etag: last.etag }]));
    const completed = await c.completeMultipartUpload("k", uploadId, list.slice(0, 1));
    check("complete", completed.res.headers["x-oss-hash-crc64ecma"] === crc64(body.subarray(0, 102_400)), completed.res.headers);
    await refused("complete again", "NoSuchUpload", 404, c.completeMultipartUpload("k", uploadId, list.slice(0, 1)));
    const { uploadId: aborted } = await c.initMultipartUpload("k");
    await c.abortMultipartUpload("k", aborted);
    await refused("part of an aborted upload", "NoSuchUpload", 404, c.uploadPart("k", aborted, 1, file, 0, 100));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function judgeRefusals(c) {
  await refused("missing bucket", "NoSuchBucket", 404, client({ bucket: "missing-bucket" }).put("k", Buffer.from("x")));
  await refused("denied bucket", "AccessDenied", 403, client({ bucket: "denied-bucket" }).put("k", Buffer.from("x")));
  const elsewhere = await refused("another region", "AccessDenied", 403, client({ region: "oss-cn-beijing" }).put("k", Buffer.from("x")));
  check("another region, in words", elsewhere.message.includes("must be addressed using the specified endpoint"), elsewhere.message);
  await refused("wrong secret", "SignatureDoesNotMatch", 403, client({ accessKeySecret: accessKeySecret + "x" }).put("k", Buffer.from("x")));
  await refused("wrong secret, head", "SignatureDoesNotMatch", 403, client({ accessKeySecret: accessKeySecret + "x" }).head("k"));
  await refused("unknown key", "InvalidAccessKeyId", 403, client({ accessKeyId: "nobody" }).put("k", Buffer.from("x")));
  await refused("a token too many", "InvalidSecurityToken", 403, client({ stsToken: "token" }).put("k", Buffer.from("x")));
  await refused("V1", "AccessDenied", 403, client({ authorizationV4: false }).put("k", Buffer.from("x")));
  await refused("not emulated", "NotImplemented", 501, c.getBucketACL(bucket));
}

await run(async () => {
  const c = client();
  await judgeBucket(c);
  await judgeObjects(c);
  await judgeMultipart(c);
  await judgeRefusals(c);
});
