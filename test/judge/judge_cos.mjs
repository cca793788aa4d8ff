// Drives a running sandbox with Tencent's COS SDK for JavaScript and says
// whether it answers as COS does. The environment says where the sandbox is and
// with which key. One line on stdout for each check; the first thing that is
// wrong ends the run with 1.

import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import COS from "cos-nodejs-sdk-v5";
import { check, crc64, failure, run } from "./judging.mjs";

const Bucket = "judge-js-1250000000";
const Region = "ap-guangzhou";
const at = { Bucket, Region };
const { LAYERBUILD_COS_ENDPOINT: endpoint, TENCENTCLOUD_SECRET_ID: SecretId, TENCENTCLOUD_SECRET_KEY: SecretKey } = process.env;

// The sandbox as a proxy: that keeps the host names, which name the bucket.
const client = (more) => new COS({ SecretId, SecretKey, Protocol: "http:", Proxy: endpoint, ...more });

// refused checks that a call fails with an error code and an HTTP status.
async function refused(name, code, status, call) {
  const e = await failure(name, () => call);
  check(name, e.code === code && e.statusCode === status, [e.code, e.statusCode, e.message]);
  check(`${name}, with ids`, Boolean(e.headers["x-cos-request-id"] && e.headers["x-cos-trace-id"]), e.headers);
  return e;
}

const md5 = (data) => createHash("md5").update(data).digest();

async function judgeBucket(c) {
  await c.putBucket(at);
  await refused("make a bucket again", "BucketAlreadyOwnedByYou", 409, c.putBucket(at));
  check("head bucket", (await c.headBucket(at)).statusCode === 200);
}

async function judgeObjects(c) {
  check("the judge's CRC-64", crc64(Buffer.from("123456789")) === "11051210869376104954");
  const Body = Buffer.from("layerbuild");
  for (const Key of ["plain.zip", "dir/a b/ü+%2F'(*)!.zip"]) {
    const put = await c.putObject({ ...at, Key, Body, ContentMD5: md5(Body).toString("base64"), "x-cos-meta-tree": "abc" });
    check(`put ${Key}`, put.headers["x-cos-hash-crc64ecma"] === crc64(Body) && put.ETag === `"${md5(Body).toString("hex")}"`, put);
    const head = await c.headObject({ ...at, Key });
    check(`head ${Key}`, head.headers["x-cos-hash-crc64ecma"] === crc64(Body) && head.headers["content-length"] === "10" && head.headers["x-cos-meta-tree"] === "abc", head.headers);
    const got = await c.getObject({ ...at, Key });
    check(`get ${Key}`, got.Body.equals(Body), got.Body);
  }
  const range = await c.getObject({ ...at, Key: "plain.zip", Range: "bytes=2-4" });
  check("range", range.statusCode === 206 && range.Body.toString() === "yer", range.Body.toString());

  await refused("create only", "FileAlreadyExists", 409, c.putObject({ ...at, Key: "plain.zip", Body, Headers: { "x-cos-forbid-overwrite": "true" } }));
  await refused("wrong MD5", "BadDigest", 400, c.putObject({ ...at, Key: "x", Body, ContentMD5: md5("other").toString("base64") }));
  await refused("no such key", "NoSuchKey", 404, c.getObject({ ...at, Key: "nothing" }));
  await refused("no such key, head", "404", 404, c.headObject({ ...at, Key: "nothing" }));

  const keys = [];
  for (let Marker; ; ) {
    const page = await c.getBucket({ ...at, MaxKeys: 1, Marker });
    keys.push(...page.Contents.map((o) => o.Key));
    if (page.IsTruncated !== "true") break;
    Marker = page.NextMarker;
  }
  check("list objects", keys.join() === "dir/a b/ü+%2F'(*)!.zip,plain.zip", keys);
  const folders = await c.getBucket({ ...at, Delimiter: "/" });
  check("list folders", folders.CommonPrefixes.length === 1 && folders.CommonPrefixes[0].Prefix === "dir/", folders);
  await c.deleteObject({ ...at, Key: "plain.zip" });
  await c.deleteObject({ ...at, Key: "plain.zip" });
  await refused("deleted", "NoSuchKey", 404, c.getObject({ ...at, Key: "plain.zip" }));
}

async function judgeMultipart(c) {
  const body = randomBytes((2 << 20) + 17);
  const folder = mkdtempSync(join(tmpdir(), "judge-"));
  const file = join(folder, "body");
  writeFileSync(file, body);
  try {
    const done = await c.sliceUploadFile({ ...at, Key: "dir/parts ü", FilePath: file, ChunkSize: 1 << 20, AsyncLimit: 2 });
    check("slice upload", done.headers["x-cos-hash-crc64ecma"] === crc64(body) && /^"[0-9a-f]{32}-3"$/.test(done.ETag), done);
    check("slice upload, read back", (await c.getObject({ ...at, Key: "dir/parts ü" })).Body.equals(body));

    const { UploadId } = await c.multipartInit({ ...at, Key: "k" });
    const target = { ...at, Key: "k", UploadId };
    const Parts = [];
    for (const [i, Body] of [body.subarray(0, 1 << 20), Buffer.from("small"), Buffer.from("x")].entries()) {
      const part = await c.multipartUpload({ ...target, PartNumber: i + 1, Body });
      check(`part ${i + 1}`, part.headers["x-cos-hash-crc64ecma"] === crc64(Body), part.headers);
      Parts.push({ PartNumber: i + 1, ETag: part.ETag });
    }
    const listed = await c.multipartListPart(target);
    check("list parts", listed.Part.map((p) => p.Size).join() === "1048576,5,1", listed);
    const uploads = await c.multipartList({ ...at, Prefix: "k", EncodingType: "url" });
    check("list uploads", uploads.Upload.length === 1 && uploads.Upload[0].UploadId === UploadId, uploads);
    await refused("small part", "EntityTooSmall", 400, c.multipartComplete({ ...target, Parts }));
    await refused("another ETag", "InvalidPart", 400, c.multipartComplete({ ...target, Parts: [{ PartNumber: 1, ETag: Parts[2].ETag }] }));
    const completed = await c.multipartComplete({ ...target, Parts: Parts.slice(0, 1) });
    check("complete", completed.headers["x-cos-hash-crc64ecma"] === crc64(body.subarray(0, 1 << 20)), completed);
    await refused("complete again", "NoSuchUpload", 404, c.multipartComplete({ ...target, Parts: Parts.slice(0, 1) }));
    const { UploadId: aborted } = await c.multipartInit({ ...at, Key: "k" });
    await c.multipartAbort({ ...at, Key: "k", UploadId: aborted });
    await refused("part of an aborted upload", "NoSuchUpload", 404, c.multipartUpload({ ...at, Key: "k", UploadId: aborted, PartNumber: 1, Body: "x" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function judgeRefusals(c) {
  const put = (c, more) => c.putObject({ ...at, Key: "k", Body: "x", ...more });
  await refused("missing bucket", "NoSuchBucket", 404, put(c, { Bucket: "missing-1250000000" }));
  await refused("denied bucket", "AccessDenied", 403, put(c, { Bucket: "denied-1250000000" }));
  await refused("another region", "NoSuchBucket", 404, put(c, { Region: "ap-beijing" }));
  await refused("wrong secret", "SignatureDoesNotMatch", 403, put(client({ SecretKey: SecretKey + "x" })));
  await refused("unknown id", "InvalidAccessKeyId", 403, put(client({ SecretId: "nobody" })));
  await refused("a token too many", "InvalidAccessKeyId", 403, put(client({ SecurityToken: "token" })));
  await refused("not emulated", "NotImplemented", 501, c.getBucketAcl(at));

  // Other parameters and another path than the ones that were signed.
  const url = (key) => c.getObjectUrl({ ...at, Key: key, Expires: 60 }).replace(/^http:\/\/[^/]+/, "");
  const host = `${Bucket}.cos.${Region}.myqcloud.com`;
  await c.putObject({ ...at, Key: "url", Body: "signed" });
  const { status, text } = await throughProxy(host, url("url"));
  check("signed URL", status === 200 && text === "signed", [status, text]);
  const changed = await throughProxy(host, url("url").replace("/url?", "/k?"));
  check("signed URL, changed", changed.status === 403 && changed.text.includes("SignatureDoesNotMatch"), changed);
}

// throughProxy gets a path of a host from the sandbox.
function throughProxy(host, path) {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const req = request({ hostname, port, path, headers: { Host: host } }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => resolve({ status: res.statusCode, text }));
    });
    req.on("error", reject).end();
  });
}

await run(async () => {
  const c = client();
  await judgeBucket(c);
  await judgeObjects(c);
  await judgeMultipart(c);
  await judgeRefusals(c);
});
