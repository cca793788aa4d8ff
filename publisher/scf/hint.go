package scf

import "strings"

// hintFor says what can be done about a code. The codes are those that
// https://www.tencentcloud.com/document/product/583/36576 lists, and the
// others of layers in the SDK's errors.go.
func hintFor(code, action string) string {
	switch code {
	case "UnauthorizedOperation.CAM":
		if strings.Contains(action, "Layer") {
			return "the CAM policy must allow scf:ListLayerVersions, scf:GetLayerVersion and scf:PublishLayerVersion, and SCF itself needs its role SCF_QcsRole to read from COS"
		}
		return "the CAM policy must allow scf:" + action
	case "UnauthorizedOperation", "UnauthorizedOperation.Region":
		return "the account may not use SCF in this region: see the console"
	case "UnauthorizedOperation.NotMC":
		return "this can be done in the console only for this account: accounts of the international edition have an endpoint of their own, scf.intl.tencentcloudapi.com (target.endpoints)"
	case "UnauthorizedOperation.Role":
		return "the role (target.smoke.role) must be one that SCF may assume"

	case "InvalidParameterValue.CosBucketRegion":
		return "the bucket must be in the region of the layer"
	case "InvalidParameterValue.CosBucketName":
		return "the bucket must be there, in the region of the layer, and target.bucket must be its full name, with the APPID at the end"
	case "InvalidParameterValue.CosObjectName", "InvalidParameterValue.TempCosObjectName", "ResourceNotFound.CosObject":
		return "the object is not in the bucket any more: run it again"
	case "InvalidParameterValue.Cos", "UnsupportedOperation.Cos", "FailedOperation.Cos", "ResourceNotFound.Cos", "InternalError.Cos":
		return "SCF cannot read from the bucket: it must be in the region of the layer, and SCF needs its role SCF_QcsRole for it"
	case "InvalidParameterValue.Content":
		return "the zip must either be in COS or in the request, and not be empty"
	case "InvalidParameterValue.ZipFileBase64BinasciiError":
		return "the zip was damaged on its way: a proxy may have changed the request"
	case "InvalidParameterValue.ZipFile":
		return "SCF cannot read the zip"

	case "InvalidParameterValue.CompatibleRuntimes", "InvalidParameterValue.Runtime":
		return `SCF does not know one of the runtimes, or takes fewer at once: "layerbuild runtimes" shows its own`
	case "InvalidParameterValue.LayerName", "InvalidParameterValue.Name":
		return `a layer's name has 1 to 64 letters, digits, "-" and "_": a letter first, and neither "-" nor "_" last`
	case "InvalidParameterValue.Description":
		return "shorten layer.description, and keep to letters, digits and simple punctuation"
	case "InvalidParameterValue.Stamp":
		return "the account may not set what a function is bound to: see the console"

	case "LimitExceeded.LayerVersions":
		return "a layer can have so many versions only: remove old ones"
	case "LimitExceeded.Layers":
		return "a region can have so many layers only: remove one, or ask Tencent for more"
	case "RequestSizeLimitExceeded":
		return "a request can have 10 MB: give the target a bucket"
	case "ResourceInUse.LayerVersion":
		return "a function uses the version"
	case "FailedOperation.PublishLayerVersion":
		return "SCF does not say why: the zip may be broken, or unpack to more than 500 MB"
	}
	return ""
}
