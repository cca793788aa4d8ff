// Makes the calls of compare_test.go with the vendors' SDKs for JavaScript, in
// the same order and with the same arguments, which LAYERBUILD_COMPARE has as
// JSON. What is sent is looked at by the server.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import openapi from "@alicloud/openapi-client";
import fc2 from "@alicloud/fc-open20210406";
import fc3 from "@alicloud/fc20230330";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import OSS from "ali-oss";
import COS from "cos-nodejs-sdk-v5";
import tencentcloud from "tencentcloud-sdk-nodejs-scf";
import { run } from "./judging.mjs";

const a = JSON.parse(process.env.LAYERBUILD_COMPARE);
const zip = readFileSync(a.zip);
const host = (url) => url.replace("http://", "");

async function amazon({ region, bucket, runtimes, architectures }) {
  const objects = new s3.S3Client({ region });
  const target = { Bucket: bucket, Key: a.key };
  await objects.send(new s3.PutObjectCommand({ ...target, Body: zip, ContentType: a.type, IfNoneMatch: "*", ChecksumSHA256: a.sha256 }));
  await objects.send(new s3.HeadObjectCommand({ ...target, ChecksumMode: "ENABLED" }));

  const c = new lambda.LambdaClient({ region });
  const publish = (Content) => c.send(new lambda.PublishLayerVersionCommand({
    LayerName: a.layer, Content, Description: a.description, LicenseInfo: a.license, CompatibleRuntimes: runtimes, CompatibleArchitectures: architectures,
  }));
  await publish({ S3Bucket: bucket, S3Key: a.key });
  const { Version } = await publish({ ZipFile: zip });
  await c.send(new lambda.ListLayerVersionsCommand({ LayerName: a.layer, MaxItems: 50 }));
  await c.send(new lambda.GetLayerVersionCommand({ LayerName: a.layer, VersionNumber: Version }));
  await c.send(new lambda.DeleteLayerVersionCommand({ LayerName: a.layer, VersionNumber: Version }));
}

async function alibaba({ region, bucket, runtimes }) {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = process.env;
  // sldEnable is path style. The SDK then still sends the bucket's host name.
  const oss = new OSS({ endpoint: process.env.LAYERBUILD_OSS_ENDPOINT, region: `oss-${region}`, bucket, accessKeyId, accessKeySecret, authorizationV4: true, sldEnable: true, secure: false });
  await oss.put(a.key, zip, { mime: a.type, headers: { "x-oss-forbid-overwrite": "true" } });
  await oss.head(a.key);

  const config = () => new openapi.Config({ accessKeyId, accessKeySecret, regionId: region, endpoint: host(process.env.LAYERBUILD_FC_ENDPOINT), protocol: "http" });
  const encoded = zip.toString("base64");
  const stored = { ossBucketName: bucket, ossObjectName: a.key };
  const two = new fc2.default(config());
  const publish2 = (code) => two.createLayerVersion(a.layer, new fc2.CreateLayerVersionRequest({ code: new fc2.Code(code), compatibleRuntime: runtimes, description: a.description }));
  await publish2(stored);
  const last2 = String((await publish2({ zipFile: encoded })).body.version);
  await two.listLayerVersions(a.layer, new fc2.ListLayerVersionsRequest({ limit: 100 }));
  await two.deleteLayerVersion(a.layer, last2);

  const three = new fc3.default(config());
  const publish3 = (code) => three.createLayerVersion(a.layer, new fc3.CreateLayerVersionRequest({
    body: new fc3.CreateLayerVersionInput({ code: new fc3.InputCodeLocation({ ...code, checksum: a.crc64 }), compatibleRuntime: runtimes, description: a.description, license: a.license }),
  }));
  await publish3(stored);
  const last3 = String((await publish3({ zipFile: encoded })).body.version);
  await three.listLayerVersions(a.layer, new fc3.ListLayerVersionsRequest({ limit: 100 }));
  await three.deleteLayerVersion(a.layer, last3);
}

async function tencent({ region, bucket, runtimes }) {
  const { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey } = process.env;
  // The sandbox as a proxy: that keeps the host names, which name the bucket.
  const cos = new COS({ SecretId: secretId, SecretKey: secretKey, Protocol: "http:", Proxy: process.env.LAYERBUILD_COS_ENDPOINT });
  const target = { Bucket: bucket, Region: region, Key: a.key };
  await cos.putObject({ ...target, Body: zip, ContentType: a.type, Headers: { "x-cos-forbid-overwrite": "true" } });
  await cos.headObject(target);

  const c = new tencentcloud.scf.v20180416.Client({
    credential: { secretId, secretKey }, region,
    profile: { language: "en-US", httpProfile: { endpoint: host(process.env.LAYERBUILD_SCF_ENDPOINT), protocol: "http://" } },
  });
  const publish = async (Content) => {
    const { LayerVersion } = await c.PublishLayerVersion({ LayerName: a.layer, CompatibleRuntimes: runtimes, Content, Description: a.description, LicenseInfo: a.license });
    const version = { LayerName: a.layer, LayerVersion };
    while ((await c.GetLayerVersion(version)).Status === "Publishing") await sleep(20);
    return version;
  };
  await publish({ CosBucketName: bucket, CosObjectName: `/${a.key}`, CosBucketRegion: region });
  const last = await publish({ ZipFile: zip.toString("base64") });
  await c.ListLayerVersions({ LayerName: a.layer });
  await c.GetLayerVersion(last);
  await c.DeleteLayerVersion(last);
}

await run(async () => {
  await amazon(a.aws);
  await alibaba(a.aliyun);
  await tencent(a.tencent);
});
