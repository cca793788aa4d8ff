# layerbuild tfvars, schema 1
layers = {
  "aws/us-east-1/web-deps" = {
    cloud         = "aws"
    region        = "us-east-1"
    name          = "web-deps"
    version       = 7
    arn           = "arn:aws:lambda:us-east-1:123456789012:layer:web-deps:7"
    sha256        = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    crc64         = "1"
    size          = 10
    runtimes      = ["python3.12", "python3.13"]
    architectures = ["x86_64"]
  }
  "tencent/ap-guangzhou/web-deps" = {
    cloud         = "tencent"
    region        = "ap-guangzhou"
    name          = "web-deps"
    version       = 3
    arn           = null
    sha256        = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    crc64         = "2"
    size          = 20
    runtimes      = ["Python3.10"]
    architectures = []
  }
}
