"""Drives a running sandbox with boto3 and says whether it answers as AWS does.

The environment says where the sandbox is and with which keys, in the AWS_*
variables that boto3 itself reads. One line on stdout for each check; the first
thing that is wrong ends the run with status 1.
"""

import base64
import hashlib
import io
import os
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-west-1"
BUCKET = "judge-boto3"
OTHER_BUCKET = "judge-boto3-elsewhere"
LAYER = "judge-boto3"
ONCE = Config(region_name=REGION, retries={"total_max_attempts": 1})

# Without it boto3 presigns S3 URLs by version 2 of the signature.
SIGV4 = Config(signature_version="s3v4")


class Wrong(Exception):
    """The sandbox answered something that AWS would not."""


def check(name, ok, got=None):
    if not ok:
        raise Wrong(f"{name}: got {got!r}")
    print("ok", name)


def refused(name, code, status, call, **kwargs):
    """Checks that a call fails with an error code and an HTTP status."""
    try:
        answer = call(**kwargs)
    except ClientError as e:
        got = (e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
        check(name, got == (code, status), got)
        check(name + ", with a request id", e.response["ResponseMetadata"].get("RequestId"), e.response)
        return e
    raise Wrong(f"{name}: no error but {answer!r}")


def fetch(url):
    try:
        with urllib.request.urlopen(url) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read()


def make_zip(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, text)
    return out.getvalue()


def b64sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def judge_buckets(s3):
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    check("create bucket", s3.head_bucket(Bucket=BUCKET)["BucketRegion"] == REGION)
    check("bucket location", s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == REGION)
    names = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    check("list buckets", BUCKET in names, names)
    refused("bucket is there already", "BucketAlreadyOwnedByYou", 409, s3.create_bucket, Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": REGION})
    refused("missing bucket", "NoSuchBucket", 404, s3.get_object, Bucket="missing-bucket", Key="k")
    refused("denied bucket", "AccessDenied", 403, s3.get_object, Bucket="denied-bucket", Key="k")


def judge_objects(s3):
    for key in ["plain.zip", "a b/ü+%2F.zip", "x//y/../z"]:
        body = ("content of " + key).encode()
        put = s3.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="application/zip", Metadata={"tree": "abc"})
        check(f"put {key!r}", put["ETag"] == '"' + hashlib.md5(body).hexdigest() + '"', put["ETag"])
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        check(f"put {key!r}, default checksum", put.get("ChecksumCRC32") == crc, put)
        got = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        check(f"get {key!r}", got["Body"].read() == body)
        check(f"get {key!r}, headers", (got["ContentType"], got["Metadata"]) == ("application/zip", {"tree": "abc"}), got)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
        check(f"presigned {key!r}", fetch(url) == (200, body), fetch(url))
        check(f"presigned {key!r}, changed", fetch(url.replace("=60&", "=61&"))[0] == 403)
    check("range", s3.get_object(Bucket=BUCKET, Key="plain.zip", Range="bytes=0-6")["Body"].read() == b"content")
    refused("range past the end", "InvalidRange", 416, s3.get_object, Bucket=BUCKET, Key="plain.zip", Range="bytes=99-")
    refused("no such key", "NoSuchKey", 404, s3.get_object, Bucket=BUCKET, Key="nothing")
    refused("no such key, head", "404", 404, s3.head_object, Bucket=BUCKET, Key="nothing")
    refused("create only", "PreconditionFailed", 412, s3.put_object, Bucket=BUCKET, Key="plain.zip", Body=b"x", IfNoneMatch="*")
    put = s3.put_object(Bucket=BUCKET, Key="new", Body=b"x", IfNoneMatch="*")
    s3.put_object(Bucket=BUCKET, Key="new", Body=b"y", IfMatch=put["ETag"])
    refused("replace only", "PreconditionFailed", 412, s3.put_object, Bucket=BUCKET, Key="new", Body=b"z", IfMatch=put["ETag"])


def judge_checksums(s3):
    body = b"checked"
    for name, digest in {"SHA256": hashlib.sha256, "SHA1": hashlib.sha1}.items():
        good, bad = (base64.b64encode(digest(b).digest()).decode() for b in (body, b"other"))
        member = {"Bucket": BUCKET, "Key": name, "Body": body}
        refused(f"wrong {name}", "BadDigest", 400, s3.put_object, **member, **{"Checksum" + name: bad})
        put = s3.put_object(**member, **{"Checksum" + name: good})
        check(f"right {name}", put["Checksum" + name] == good and put["ChecksumType"] == "FULL_OBJECT", put)
        head = s3.head_object(Bucket=BUCKET, Key=name, ChecksumMode="ENABLED")
        check(f"kept {name}", head["Checksum" + name] == good, head)
    refused("wrong MD5", "BadDigest", 400, s3.put_object, Bucket=BUCKET, Key="md5", Body=body,
            ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode())
    # The check value of CRC-64/NVME, 0xae8b14860a799888.
    put = s3.put_object(Bucket=BUCKET, Key="nvme", Body=b"123456789", ChecksumCRC64NVME="rosUhgp5mIg=")
    check("right CRC64NVME", put["ChecksumCRC64NVME"] == "rosUhgp5mIg=", put)


def judge_listing(s3):
    for i in range(5):
        s3.put_object(Bucket=BUCKET, Key=f"list/{i % 2}/{i} ü&<", Body=b"x" * i)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": 2})
    keys = [(o["Key"], o["Size"]) for page in pages for o in page["Contents"]]
    check("list objects", keys == sorted((f"list/{i % 2}/{i} ü&<", i) for i in range(5)), keys)
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", Delimiter="/")
    check("list folders", [p["Prefix"] for p in page["CommonPrefixes"]] == ["list/0/", "list/1/"], page)
    for key, _ in keys:
        s3.delete_object(Bucket=BUCKET, Key=key)
    check("delete objects", s3.list_objects_v2(Bucket=BUCKET, Prefix="list/")["KeyCount"] == 0)


def judge_multipart(s3):
    body = os.urandom(1 << 20) * 13
    with tempfile.NamedTemporaryFile() as f:
        f.write(body)
        f.flush()
        s3.upload_file(f.name, BUCKET, "multi", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
        f.seek(0)
        f.truncate()
        s3.download_file(BUCKET, "multi", f.name)
        check("transfer manager", open(f.name, "rb").read() == body)
    check("multipart ETag", s3.head_object(Bucket=BUCKET, Key="multi")["ETag"].endswith('-3"'))

    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts", ChecksumAlgorithm="SHA256")
    target = {"Bucket": BUCKET, "Key": "parts", "UploadId": upload["UploadId"]}
    parts = []
    for number, data in enumerate([b"a" * (5 << 20), b"tail"], 1):
        done = s3.upload_part(**target, PartNumber=number, Body=data, ChecksumAlgorithm="SHA256")
        check(f"part {number}", done["ChecksumSHA256"] == b64sha256(data), done)
        parts.append({"PartNumber": number, "ETag": done["ETag"], "ChecksumSHA256": done["ChecksumSHA256"]})
    listed = [(p["PartNumber"], p["Size"]) for p in s3.list_parts(**target)["Parts"]]
    check("list parts", listed == [(1, 5 << 20), (2, 4)], listed)
    uploads = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    check("list uploads", [u["UploadId"] for u in uploads] == [upload["UploadId"]], uploads)
    refused("wrong order", "InvalidPartOrder", 400, s3.complete_multipart_upload, **target, MultipartUpload={"Parts": parts[::-1]})
    done = s3.complete_multipart_upload(**target, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    whole = hashlib.sha256(b"".join(base64.b64decode(p["ChecksumSHA256"]) for p in parts)).digest()
    check("composite", done["ChecksumSHA256"] == base64.b64encode(whole).decode() + "-2" and done["ChecksumType"] == "COMPOSITE", done)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="aborted")
    s3.abort_multipart_upload(Bucket=BUCKET, Key="aborted", UploadId=upload["UploadId"])
    refused("aborted", "NoSuchUpload", 404, s3.list_parts, Bucket=BUCKET, Key="aborted", UploadId=upload["UploadId"])


def judge_layers(s3, elsewhere, lam):
    data = make_zip(**{"python/a.py": "print(1)"})
    s3.put_object(Bucket=BUCKET, Key="layer.zip", Body=data)
    one = lam.publish_layer_version(LayerName=LAYER, Content={"ZipFile": data}, Description="one")
    check("publish inline", (one["Version"], one["Content"]["CodeSha256"], one["Content"]["CodeSize"]) == (1, b64sha256(data), len(data)), one)
    two = lam.publish_layer_version(LayerName=LAYER, Content={"S3Bucket": BUCKET, "S3Key": "layer.zip"}, Description="two",
                                    LicenseInfo="MIT", CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["arm64"])
    check("publish from S3", (two["Version"], two["Content"]["CodeSha256"]) == (2, b64sha256(data)), two)
    check("location", fetch(two["Content"]["Location"]) == (200, data))
    got = lam.get_layer_version(LayerName=LAYER, VersionNumber=2)
    check("get", (got["Description"], got["LicenseInfo"], got["CompatibleRuntimes"]) == ("two", "MIT", ["python3.12"]), got)
    by_arn = lam.get_layer_version_by_arn(Arn=two["LayerVersionArn"])
    check("get by ARN", by_arn["Version"] == 2 and by_arn["LayerArn"] == two["LayerArn"], by_arn)
    pages = lam.get_paginator("list_layer_versions").paginate(LayerName=LAYER, PaginationConfig={"PageSize": 1})
    versions = [v for page in pages for v in page["LayerVersions"]]
    check("list versions", [v["Version"] for v in versions] == [2, 1] and "Content" not in versions[0], versions)
    layers = lam.list_layers(CompatibleRuntime="python3.12")["Layers"]
    check("list layers", [(one["LayerName"], one["LatestMatchingVersion"]["Version"]) for one in layers] == [(LAYER, 2)], layers)
    elsewhere.put_object(Bucket=OTHER_BUCKET, Key="layer.zip", Body=data)
    for name, bucket, key, code in [("no key", BUCKET, "nothing", "NoSuchKey"), ("no bucket", "missing-b", "k", "NoSuchBucket"),
                                    ("bucket of another region", OTHER_BUCKET, "layer.zip", "PermanentRedirect")]:
        e = refused(f"publish from S3, {name}", "InvalidParameterValueException", 400, lam.publish_layer_version,
                    LayerName=LAYER, Content={"S3Bucket": bucket, "S3Key": key})
        check(f"publish from S3, {name}, in words", f"S3 Error Code: {code}." in str(e), str(e))
    refused("no zip", "InvalidParameterValueException", 400, lam.publish_layer_version, LayerName=LAYER, Content={"ZipFile": b"text"})
    refused("no runtime", "ValidationException", 400, lam.publish_layer_version, LayerName=LAYER, Content={"ZipFile": data},
            CompatibleRuntimes=["cobol85"])
    refused("no version", "ResourceNotFoundException", 404, lam.get_layer_version, LayerName=LAYER, VersionNumber=9)


def judge_policy(lam):
    version = {"LayerName": LAYER, "VersionNumber": 1}
    grant = {"Action": "lambda:GetLayerVersion", "StatementId": "layerbuild-1", "Principal": "*"}
    refused("no policy", "ResourceNotFoundException", 404, lam.get_layer_version_policy, **version)
    added = lam.add_layer_version_permission(**version, **grant, OrganizationId="o-abcdefghij")
    policy = lam.get_layer_version_policy(**version)
    check("add permission", added["Statement"] in policy["Policy"] and added["RevisionId"] == policy["RevisionId"], policy)
    refused("permission twice", "ResourceConflictException", 409, lam.add_layer_version_permission, **version, **grant)
    refused("old revision", "PreconditionFailedException", 412, lam.remove_layer_version_permission, **version,
            StatementId="layerbuild-1", RevisionId="00000000-0000-4000-8000-000000000000")
    lam.remove_layer_version_permission(**version, StatementId="layerbuild-1", RevisionId=policy["RevisionId"])
    refused("permission removed", "ResourceNotFoundException", 404, lam.get_layer_version_policy, **version)
    for _ in range(2):
        lam.delete_layer_version(**version)
    check("delete", [v["Version"] for v in lam.list_layer_versions(LayerName=LAYER)["LayerVersions"]] == [2])


def judge_credentials():
    def clients(key, secret):
        session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)
        return session.client("s3", config=ONCE), session.client("lambda", config=ONCE)

    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    s3, lam = clients(key, secret + "x")
    refused("S3, wrong secret", "SignatureDoesNotMatch", 403, s3.put_object, Bucket=BUCKET, Key="k", Body=b"x")
    refused("Lambda, wrong secret", "InvalidSignatureException", 403, lam.list_layers)
    s3, lam = clients("AKIAIOSFODNN7EXAMPLE", secret)
    refused("S3, unknown key", "InvalidAccessKeyId", 403, s3.list_buckets)
    refused("Lambda, unknown key", "UnrecognizedClientException", 403, lam.list_layers)


def main():
    session = boto3.Session()
    s3, lam = session.client("s3", config=ONCE.merge(SIGV4)), session.client("lambda", config=ONCE)
    elsewhere = session.client("s3", config=ONCE.merge(Config(region_name="us-west-2")))
    judge_buckets(s3)
    judge_objects(s3)
    judge_checksums(s3)
    judge_listing(s3)
    judge_multipart(s3)
    judge_layers(s3, elsewhere, lam)
    judge_policy(lam)
    judge_credentials()


if __name__ == "__main__":
    try:
        main()
    except (Wrong, ClientError) as wrong:
        sys.exit(f"WRONG {wrong}")
