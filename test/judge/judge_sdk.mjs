// Drives a running sandbox with AWS's SDK for JavaScript and says whether it
// answers as AWS does. The environment says where the sandbox is and with
// which keys, in the AWS_* variables that the SDK itself reads. One line on
// stdout for each check; the first thing that is wrong ends the run with 1.

import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { crc32, deflateRawSync } from "node:zlib";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";

const region = "eu-west-1";
const bucket = "judge-js";
const layer = "judge-js";

function check(name, ok, got) {
  if (!ok) throw new Error(`${name}: got ${JSON.stringify(got)}`);
  console.log("ok", name);
}

// refused checks that a command fails with an error name and an HTTP status.
async function refused(name, code, status, client, command) {
  let answer;
  try {
    answer = await client.send(command);
  } catch (e) {
    const got = [e.name, e.$metadata?.httpStatusCode];
    check(name, got[0] === code && got[1] === status, [...got, e.message]);
    check(`${name}, with a request id`, Boolean(e.$metadata.requestId), e.$metadata);
    return e;
  }
  throw new Error(`${name}: no error but ${JSON.stringify(answer)}`);
}

const base64 = (algorithm, data) => createHash(algorithm).update(data).digest("base64");

// A zip of one deflated file, written by hand: Node has no packer.
function makeZip(name, text) {
  const data = deflateRawSync(text);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0); // version needed
  fields.writeUInt16LE(8, 4); // deflate
  fields.writeUInt16LE(0x21, 8); // 1980-01-01
  fields.writeUInt32LE(crc32(text), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(Buffer.byteLength(text), 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), data]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

async function judgeObjects(c) {
  await c.send(new s3.CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
  const location = await c.send(new s3.GetBucketLocationCommand({ Bucket: bucket }));
  check("bucket location", location.LocationConstraint === region, location);

  const body = Buffer.from("layerbuild");
  for (const Key of ["plain.zip", "a b/ü+%2F'(*)!.zip"]) {
    const put = await c.send(new s3.PutObjectCommand({ Bucket: bucket, Key, Body: body, ChecksumSHA256: base64("sha256", body) }));
    check(`put ${Key}`, put.ChecksumSHA256 === base64("sha256", body) && put.ETag === `"${createHash("md5").update(body).digest("hex")}"`, put);
    const got = await c.send(new s3.GetObjectCommand({ Bucket: bucket, Key, ChecksumMode: "ENABLED" }));
    check(`get ${Key}`, (await got.Body.transformToString()) === "layerbuild", got.ETag);
  }
  const streamed = randomBytes(300_000);
  await c.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "streamed", Body: Readable.from([streamed.subarray(0, 100_000), streamed.subarray(100_000)]), ContentLength: streamed.length, ChecksumAlgorithm: "SHA256" }));
  const back = await c.send(new s3.GetObjectCommand({ Bucket: bucket, Key: "streamed", ChecksumMode: "ENABLED" }));
  check("stream with the sum behind it", Buffer.from(await back.Body.transformToByteArray()).equals(streamed) && back.ChecksumSHA256 === base64("sha256", streamed), back.ChecksumSHA256);

  const put = (more) => new s3.PutObjectCommand({ Bucket: bucket, Key: "plain.zip", Body: body, ...more });
  await refused("wrong sum", "BadDigest", 400, c, put({ ChecksumSHA256: base64("sha256", "other") }));
  await refused("create only", "PreconditionFailed", 412, c, put({ IfNoneMatch: "*" }));
  await refused("missing bucket", "NoSuchBucket", 404, c, put({ Bucket: "missing-bucket" }));
  await refused("denied bucket", "AccessDenied", 403, c, put({ Bucket: "denied-bucket" }));
  await refused("no such key", "NoSuchKey", 404, c, new s3.GetObjectCommand({ Bucket: bucket, Key: "nothing" }));
  await refused("no such key, head", "NotFound", 404, c, new s3.HeadObjectCommand({ Bucket: bucket, Key: "nothing" }));

  const keys = [];
  for await (const page of s3.paginateListObjectsV2({ client: c, pageSize: 1 }, { Bucket: bucket })) {
    keys.push(...(page.Contents ?? []).map((o) => o.Key));
  }
  check("list objects", keys.join() === "a b/ü+%2F'(*)!.zip,plain.zip,streamed", keys);
  await c.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: "streamed" }));
  await refused("deleted", "NotFound", 404, c, new s3.HeadObjectCommand({ Bucket: bucket, Key: "streamed" }));
}

// The SDK cannot compute CRC64NVME by itself: S3 computes it from the parts,
// which are sent with their MD5.
async function judgeMultipart() {
  const c = new s3.S3Client({ region, maxAttempts: 1, requestChecksumCalculation: "WHEN_REQUIRED" });
  const target = { Bucket: bucket, Key: "parts" };
  const { UploadId, ChecksumType } = await c.send(new s3.CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: "CRC64NVME" }));
  check("create upload", ChecksumType === "FULL_OBJECT", ChecksumType);
  const Parts = [];
  for (const [i, Body] of [Buffer.alloc(5 << 20, "a"), Buffer.from("tail")].entries()) {
    const part = await c.send(new s3.UploadPartCommand({ ...target, UploadId, PartNumber: i + 1, Body, ContentMD5: base64("md5", Body) }));
    Parts.push({ PartNumber: i + 1, ETag: part.ETag, ChecksumCRC64NVME: part.ChecksumCRC64NVME });
  }
  const listed = await c.send(new s3.ListPartsCommand({ ...target, UploadId }));
  check("list parts", listed.Parts.map((p) => p.Size).join() === "5242880,4" && listed.ChecksumAlgorithm === "CRC64NVME", listed);
  const complete = (more) => new s3.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more });
  await refused("wrong sum of the whole", "BadDigest", 400, c, complete({ ChecksumCRC64NVME: Parts[0].ChecksumCRC64NVME }));
  await refused("small part first", "EntityTooSmall", 400, c, complete({ MultipartUpload: { Parts: await smallFirst(c, target, UploadId, Parts) } }));
  const done = await c.send(complete({ IfNoneMatch: "*" }));
  check("complete", done.ETag.endsWith('-2"') && done.ChecksumType === "FULL_OBJECT", done);
  const head = await c.send(new s3.HeadObjectCommand({ ...target, ChecksumMode: "ENABLED" }));
  check("whole", head.ContentLength === (5 << 20) + 4 && head.ChecksumCRC64NVME === done.ChecksumCRC64NVME, head);
  await refused("complete again", "NoSuchUpload", 404, c, complete());
}

// smallFirst uploads a third part, so that the second, small one is not last.
async function smallFirst(c, target, UploadId, parts) {
  const part = await c.send(new s3.UploadPartCommand({ ...target, UploadId, PartNumber: 3, Body: "x", ContentMD5: base64("md5", "x") }));
  return [...parts, { PartNumber: 3, ETag: part.ETag }];
}

async function judgeLayers(c, l) {
  const zip = makeZip("python/a.py", "print(1)\n".repeat(50));
  await c.send(new s3.PutObjectCommand({ Bucket: bucket, Key: "layer.zip", Body: zip }));
  const one = await l.send(new lambda.PublishLayerVersionCommand({ LayerName: layer, Content: { ZipFile: zip } }));
  check("publish inline", one.Version === 1 && one.Content.CodeSha256 === base64("sha256", zip) && one.Content.CodeSize === zip.length, one);
  const two = await l.send(new lambda.PublishLayerVersionCommand({ LayerName: layer, Content: { S3Bucket: bucket, S3Key: "layer.zip" }, Description: "two", LicenseInfo: "MIT", CompatibleRuntimes: ["nodejs22.x"], CompatibleArchitectures: ["x86_64"] }));
  check("publish from S3", two.Version === 2 && two.Content.CodeSha256 === one.Content.CodeSha256, two);
  const fetched = await fetch(two.Content.Location);
  check("location", fetched.status === 200 && Buffer.from(await fetched.arrayBuffer()).equals(zip), fetched.status);
  const tampered = await fetch(two.Content.Location.replace("X-Amz-Expires=600", "X-Amz-Expires=601"));
  check("location, changed", tampered.status === 403, tampered.status);
  const got = await l.send(new lambda.GetLayerVersionCommand({ LayerName: layer, VersionNumber: 2 }));
  check("get", got.Description === "two" && got.LicenseInfo === "MIT" && got.CompatibleRuntimes.join() === "nodejs22.x", got);
  check("created", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/.test(got.CreatedDate), got.CreatedDate);
  const byArn = await l.send(new lambda.GetLayerVersionByArnCommand({ Arn: two.LayerVersionArn }));
  check("get by ARN", byArn.Version === 2, byArn);
  const numbers = [];
  for await (const page of lambda.paginateListLayerVersions({ client: l, pageSize: 1 }, { LayerName: layer })) {
    numbers.push(...page.LayerVersions.map((v) => v.Version));
  }
  check("list versions", numbers.join() === "2,1", numbers);
  const layers = await l.send(new lambda.ListLayersCommand({}));
  check("list layers", layers.Layers.map((v) => v.LayerName).join() === layer, layers.Layers);

  const missing = await refused("publish from S3, no key", "InvalidParameterValueException", 400, l, new lambda.PublishLayerVersionCommand({ LayerName: layer, Content: { S3Bucket: bucket, S3Key: "nothing" } }));
  check("publish from S3, no key, in words", missing.message.includes("S3 Error Code: NoSuchKey."), missing.message);
  await refused("no zip", "InvalidParameterValueException", 400, l, new lambda.PublishLayerVersionCommand({ LayerName: layer, Content: { ZipFile: Buffer.from("text") } }));
  await refused("no version", "ResourceNotFoundException", 404, l, new lambda.GetLayerVersionCommand({ LayerName: layer, VersionNumber: 9 }));

  const version = { LayerName: layer, VersionNumber: 1 };
  const grant = { ...version, StatementId: "layerbuild-1", Action: "lambda:GetLayerVersion", Principal: "123456789012" };
  const added = await l.send(new lambda.AddLayerVersionPermissionCommand(grant));
  const policy = await l.send(new lambda.GetLayerVersionPolicyCommand(version));
  check("policy", JSON.parse(policy.Policy).Statement[0].Principal.AWS === "arn:aws:iam::123456789012:root" && policy.RevisionId === added.RevisionId, policy);
  await refused("permission twice", "ResourceConflictException", 409, l, new lambda.AddLayerVersionPermissionCommand(grant));
  await l.send(new lambda.RemoveLayerVersionPermissionCommand({ ...version, StatementId: "layerbuild-1" }));
  await refused("permission removed", "ResourceNotFoundException", 404, l, new lambda.GetLayerVersionPolicyCommand(version));
  await l.send(new lambda.DeleteLayerVersionCommand(version));
  await refused("version deleted", "ResourceNotFoundException", 404, l, new lambda.GetLayerVersionCommand(version));
}

async function judgeCredentials() {
  const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY + "x" };
  const options = { region, maxAttempts: 1, credentials };
  await refused("S3, wrong secret", "SignatureDoesNotMatch", 403, new s3.S3Client(options), new s3.PutObjectCommand({ Bucket: bucket, Key: "k", Body: "x" }));
  await refused("Lambda, wrong secret", "InvalidSignatureException", 403, new lambda.LambdaClient(options), new lambda.ListLayersCommand({}));
}

const objects = new s3.S3Client({ region, maxAttempts: 1 });
const layers = new lambda.LambdaClient({ region, maxAttempts: 1 });
try {
  await judgeObjects(objects);
  await judgeMultipart();
  await judgeLayers(objects, layers);
  await judgeCredentials();
} catch (e) {
  console.error("WRONG", e.message);
  process.exitCode = 1;
}
