"""Drives a running sandbox with boto3 and says whether it answers as AWS does.

The environment says where the sandbox is and with which keys, in the AWS_*
variables that boto3 itself reads. One line on stdout for each check; the first
thing that is wrong ends the run with status 1.
"""

import base64
import datetime
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


def judge_functions(lam):
    name, role = "judge-boto3", "arn:aws:iam::123456789012:role/judge"
    layers = [lam.publish_layer_version(LayerName=LAYER + "-used", Content={"ZipFile": make_zip(**{"python/a.py": text})})["LayerVersionArn"]
              for text in ("one", "two")]

    def wait(waiter):
        lam.get_waiter(waiter).wait(FunctionName=name, WaiterConfig={"Delay": 0.01})

    made = lam.create_function(FunctionName=name, Role=role, Runtime="python3.12", Handler="index.handler", Layers=layers[:1],
                               Code={"ZipFile": make_zip(**{"index.py": "def handler(e, c): pass"})})
    check("create function", (made["Version"], made["State"], [one["Arn"] for one in made["Layers"]]) == ("$LATEST", "Pending", layers[:1]), made)
    refused("publish a function that is being made", "ResourceConflictException", 409, lam.publish_version, FunctionName=name)
    wait("function_active_v2")
    first = lam.publish_version(FunctionName=name, Description="first", CodeSha256=made["CodeSha256"])
    check("publish version", (first["Version"], first["FunctionArn"], first["Description"]) == ("1", made["FunctionArn"] + ":1", "first"), first)
    again = lam.publish_version(FunctionName=name)
    check("publish version again", again["Version"] == "1", again)
    changed = lam.update_function_configuration(FunctionName=name, Layers=layers[1:])
    check("change layers", (changed["LastUpdateStatus"], [one["Arn"] for one in changed["Layers"]]) == ("InProgress", layers[1:]), changed)
    wait("function_updated_v2")
    refused("publish another revision", "PreconditionFailedException", 412, lam.publish_version, FunctionName=name, RevisionId=made["RevisionId"] + "x")
    refused("publish other code", "InvalidParameterValueException", 400, lam.publish_version, FunctionName=name, CodeSha256="x")

    def listed(operation, key, **kwargs):
        pages = lam.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **kwargs)
        return [(f["FunctionArn"].removeprefix(made["FunctionArn"]), f["Version"], [one["Arn"] for one in f["Layers"]]) for page in pages for f in page[key]]

    both = [(":$LATEST", "$LATEST", layers[1:]), (":1", "1", layers[:1])]
    functions = listed("list_functions", "Functions", FunctionVersion="ALL")
    check("list functions, all versions", functions == both, functions)
    functions = listed("list_functions", "Functions")
    check("list functions", functions == [("", "$LATEST", layers[1:])], functions)
    versions = listed("list_versions_by_function", "Versions", FunctionName=name)
    check("list versions of a function", versions == both, versions)
    refused("list functions, some versions", "ValidationException", 400, lam.list_functions, FunctionVersion="SOME")
    lam.delete_function(FunctionName=name, Qualifier="1")
    functions = listed("list_functions", "Functions", FunctionVersion="ALL")
    check("delete a version of a function", functions == both[:1], functions)
    lam.delete_function(FunctionName=name)
    refused("delete function", "ResourceNotFoundException", 404, lam.list_versions_by_function, FunctionName=name)


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


def judge_parameters(ssm):
    put = ssm.put_parameter(Name="/judge/a", Value="one", Type="String", Description="of a")
    check("put parameter", (put["Version"], put["Tier"]) == (1, "Standard"), put)
    refused("parameter is there", "ParameterAlreadyExists", 400, ssm.put_parameter, Name="/judge/a", Value="two", Type="String")
    put = ssm.put_parameter(Name="/judge/a", Value="two", Overwrite=True)
    check("overwrite parameter", put["Version"] == 2, put)
    got = ssm.get_parameter(Name="/judge/a", WithDecryption=True)["Parameter"]
    check("get parameter", (got["Value"], got["Type"], got["Version"], got["DataType"]) == ("two", "String", 2, "text"), got)
    check("parameter's ARN", got["ARN"] == f"arn:aws:ssm:{REGION}:123456789012:parameter/judge/a", got)
    age = datetime.datetime.now(datetime.timezone.utc) - got["LastModifiedDate"]
    check("parameter's date", abs(age.total_seconds()) < 60, got)
    first = ssm.get_parameter(Name="/judge/a:1")["Parameter"]
    check("get parameter's version", (first["Value"], first["Selector"]) == ("one", ":1"), first)
    for i in range(12):
        ssm.put_parameter(Name=f"/judge/list/{i:02}", Value=f"é{i}", Type="StringList")
    some = ssm.get_parameters(Names=["/judge/list/03", "/judge/none"])
    check("get parameters", ([p["Value"] for p in some["Parameters"]], some["InvalidParameters"]) == (["é3"], ["/judge/none"]), some)
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/judge", Recursive=True, PaginationConfig={"PageSize": 5})
    names = [p["Name"] for page in pages for p in page["Parameters"]]
    check("parameters by path", names == ["/judge/a"] + [f"/judge/list/{i:02}" for i in range(12)], names)
    e = refused("no parameter", "ParameterNotFound", 400, ssm.get_parameter, Name="/judge/none")
    check("no parameter, as an exception", isinstance(e, ssm.exceptions.ParameterNotFound), e)
    refused("no version of a parameter", "ParameterVersionNotFound", 400, ssm.get_parameter, Name="/judge/a:9")
    refused("parameter's name", "ValidationException", 400, ssm.get_parameter, Name="/judge//a")
    refused("parameter too deep", "HierarchyLevelLimitExceededException", 400, ssm.put_parameter, Name="/l" * 16, Value="x", Type="String")
    refused("parameter of AWS", "AccessDeniedException", 400, ssm.put_parameter, Name="/aws/x", Value="x", Type="String")
    ssm.delete_parameter(Name="/judge/a")
    refused("parameter deleted", "ParameterNotFound", 400, ssm.delete_parameter, Name="/judge/a")


def judge_credentials():
    def clients(key, secret):
        session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)
        return [session.client(service, config=ONCE) for service in ("s3", "lambda", "ssm")]

    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    s3, lam, ssm = clients(key, secret + "x")
    refused("S3, wrong secret", "SignatureDoesNotMatch", 403, s3.put_object, Bucket=BUCKET, Key="k", Body=b"x")
    refused("Lambda, wrong secret", "InvalidSignatureException", 403, lam.list_layers)
    refused("Parameter Store, wrong secret", "InvalidSignatureException", 400, ssm.get_parameter, Name="/a")
    s3, lam, ssm = clients("AKIAIOSFODNN7EXAMPLE", secret)
    refused("S3, unknown key", "InvalidAccessKeyId", 403, s3.list_buckets)
    refused("Lambda, unknown key", "UnrecognizedClientException", 403, lam.list_layers)
    refused("Parameter Store, unknown key", "UnrecognizedClientException", 400, ssm.get_parameter, Name="/a")


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
    judge_functions(lam)
    judge_policy(lam)
    judge_parameters(session.client("ssm", config=ONCE))
    judge_credentials()


if __name__ == "__main__":
    try:
        main()
    except (Wrong, ClientError) as wrong:
        sys.exit(f"WRONG {wrong}")
