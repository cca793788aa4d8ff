package scf

import (
	"fmt"
	"strings"
)

// A failure is an answer that is an error.
type failure struct {
	code, message string
	// chinese is the message for those who do not ask for English, "" if
	// there is none.
	chinese string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

// fail has the words that the service has for a code.
func fail(code string) *failure {
	w := wordings()[code]
	return &failure{code, w[0], w[1]}
}

func missing(parameter string) *failure {
	parameter = strings.TrimPrefix(parameter, "X-TC-")
	return &failure{"MissingParameter", fmt.Sprintf("The request is missing a required parameter `%s`.", parameter),
		fmt.Sprintf("缺少参数 `%s`。", parameter)}
}

// limited says how many requests came in the second.
func limited(n int) *failure {
	return &failure{"RequestLimitExceeded",
		fmt.Sprintf("Your current request times equals to `%d` in a second, which exceeds the frequency limit `%d` for a second. "+
			"Please reduce the frequency of calls.", n, rate),
		fmt.Sprintf("您当前每秒请求 `%d` 次，超过了每秒频率上限 `%d` 次，请稍后重试。", n, rate)}
}

// answer is the error as the response has it, in the language that was asked
// for: Chinese if none was.
func (f *failure) answer(x *exchange) answer {
	message := f.message
	if x.r.Header.Get("X-Tc-Language") != "en-US" && f.chinese != "" {
		message = f.chinese
	}
	return answer{"Error": map[string]string{"Code": f.code, "Message": message}}
}

// wordings are the messages by code, in English and Chinese. Those of the
// service are the descriptions of its codes in the vendor's SDKs
// (tencentcloud/scf v1.3.101 errors.go, and the same of the international
// edition), which is how it words them; those common to all services are as
// users quote them.
func wordings() map[string][2]string {
	return map[string][2]string{
		"AuthFailure.InvalidAuthorization": {"The `Authorization` in the request header does not comply with the Tencent Cloud standard.", "请求头部的 Authorization 不符合腾讯云标准。"},
		"AuthFailure.SecretIdNotFound":     {"The SecretId is not found, please ensure that your SecretId is correct.", "SecretId不存在，请输入正确的密钥。"},
		"AuthFailure.SignatureExpire":      {"The signature is expired, please request again.", "签名过期。Timestamp 和服务器时间相差不得超过五分钟，请检查本地时间是否和标准时间同步。"},
		"AuthFailure.SignatureFailure":     {"The provided credentials could not be validated. Please check your signature is correct.", "请求签名验证失败，请检查您的签名计算是否正确。"},
		"AuthFailure.TokenFailure":         {"Token verification failed, please check if your Token is correct.", "token 错误。"},
		"InvalidAction":                    {"The request `Action` is invalid or not found.", "接口不存在。"},
		"InvalidParameter":                 {"Incorrect parameter.", "参数错误（包括参数格式、类型等错误）。"},
		"NoSuchVersion":                    {"The API version does not exist.", "接口版本不存在。"},
		"RequestSizeLimitExceeded":         {"The request size exceeds the upper limit.", "请求包超过限制大小。"},
		"UnsupportedProtocol":              {"Unsupported HTTP(S) request protocol. Only GET and POST requests are supported.", "HTTP(S) 请求协议错误，只支持 GET 和 POST 请求。"},

		"FailedOperation.DeleteFunction":                   {"This operation cannot be performed in the current function status. Please try again when the function is in normal status.", "当前函数状态无法进行此操作，请在函数状态正常时重试。"},
		"FailedOperation.FunctionStatusError":              {"Operation failed. The function is deploying.", "函数在部署中,无法做此操作。"},
		"FailedOperation.PublishVersion":                   {"You cannot publish a version in the current function state. Please try again when the state is normal.", "当前函数状态无法发布版本，请在状态为正常时发布。"},
		"FailedOperation.UpdateFunctionConfiguration":      {"The `UpdateFunctionConfiguration` operation failed.", "UpdateFunctionConfiguration操作失败。"},
		"InternalError.System":                             {"Internal system error.", "内部系统错误。"},
		"InvalidParameterValue.Code":                       {"Code error.", "Code传入错误。"},
		"InvalidParameterValue.CompatibleRuntimes":         {"Incorrect `CompatibleRuntimes` parameter.", "CompatibleRuntimes参数传入错误。"},
		"InvalidParameterValue.Content":                    {"Incorrect `Content` parameter.", "Content参数传入错误。"},
		"InvalidParameterValue.Cos":                        {"Cos error.", "Cos传入错误。"},
		"InvalidParameterValue.CosBucketName":              {"Invalid CosBucketName.", "CosBucketName不符合规范。"},
		"InvalidParameterValue.CosBucketRegion":            {"The value of CosBucketRegion is invalid. Please modify and try again.", "CosBucketRegion取值与规范不符，请修正后再试。"},
		"InvalidParameterValue.CosObjectName":              {"Invalid CosObjectName.", "CosObjectName不符合规范。"},
		"InvalidParameterValue.Description":                {"Description error.", "Description传入错误。"},
		"InvalidParameterValue.Handler":                    {"Handler error.", "Handler传入错误。"},
		"InvalidParameterValue.LayerName":                  {"Incorrect `LayerName` parameter.", "LayerName参数传入错误。"},
		"InvalidParameterValue.Layers":                     {"Layers parameter error.", "Layers参数传入错误。"},
		"InvalidParameterValue.Limit":                      {"Limit error.", "Limit传入错误。"},
		"InvalidParameterValue.MemorySize":                 {"MemorySize error.", "MemorySize错误。"},
		"InvalidParameterValue.NamespaceInvalid":           {"Incorrect Namespace. A namespace contains up to 30 characters of letters, digits, hyphens (-), and underscores (_).", "规则不正确，Namespace为英文字母、数字、-_ 符号组成，长度30。"},
		"InvalidParameterValue.Param":                      {"The input parameter is not in the standard JSON format.", "入参不是标准的json。"},
		"InvalidParameterValue.Qualifier":                  {"Unsupported function version.", "不支持的函数版本。"},
		"InvalidParameterValue.Runtime":                    {"Runtime error.", "Runtime传入错误。"},
		"InvalidParameterValue.ZipFile":                    {"A non-standard zip file was detected. Please recompress and try again.", "检测到不是标准的zip文件，请重新压缩后再试。"},
		"InvalidParameterValue.ZipFileBase64BinasciiError": {"Failed to Base64-decode the compressed file: `Incorrect padding`. Please fix it and try again.", "压缩文件base64解码失败: `Incorrect padding`，请修正后再试。"},
		"InvalidParameter.FunctionName":                    {"The value of `FunctionName` does not conform to the specification. Please fix it and try again.", "FunctionName取值与规范不符，请修正后再试。"},
		"InvalidParameterValue.InvokeType":                 {"The `InvokeType` value does not conform to the specification. Please fix it and try again.", "InvokeType取值与规范不符，请修正后再试。"},
		"LimitExceeded.Layers":                             {"The number of layers exceeds the maximum limit.", "layer数量超出最大限制。"},
		"LimitExceeded.LayerVersions":                      {"The number of layer versions exceeds the upper limit.", "layer版本数量超出最大限制。"},
		"LimitExceeded.Timeout":                            {"Timeout exceeds the upper limit.", "Timeout超出最大限制。"},
		"ResourceInUse.FunctionName":                       {"This FunctionName already exists.", "FunctionName已存在。"},
		"ResourceInUse.LayerVersion":                       {"The layer version is in use.", "Layer版本正在使用中。"},
		"ResourceInUse.Namespace":                          {"This Namespace already exists.", "Namespace已存在。"},
		"ResourceNotFound.Function":                        {"The function does not exist.", "函数不存在。"},
		"ResourceNotFound.Layer":                           {"The layer does not exist.", "layer不存在。"},
		"ResourceNotFound.LayerVersion":                    {"The layer version does not exist.", "Layer版本不存在。"},
		"ResourceNotFound.Namespace":                       {"Namespace does not exist.", "Namespace不存在。"},
		"ResourceNotFound.Version":                         {"The version does not exist.", "版本不存在。"},
		"UnauthorizedOperation.CAM":                        {"CAM authentication failed.", "CAM鉴权失败。"},
	}
}
