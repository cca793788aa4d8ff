package judge

import (
	"os"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
	"github.com/layerbuild/layerbuild/sandbox"
)

// TestFunctionCompute has the sandbox judged by Alibaba Cloud's SDKs for
// JavaScript, one for each API.
func TestFunctionCompute(t *testing.T) {
	node := testenv.Need(t, "node")[0]
	for _, sdk := range []string{"@alicloud/fc-open20210406", "@alicloud/fc20230330", "ali-oss"} {
		if _, err := os.Stat("node_modules/" + sdk); err != nil {
			testenv.Missing(t, "needs the SDKs: npm ci --prefix test/judge")
		}
	}
	judge(t, 47, node, "judge_fc.mjs")
}

// TestSCF has the sandbox judged by Tencent Cloud's SDK for JavaScript.
func TestSCF(t *testing.T) {
	node := testenv.Need(t, "node")[0]
	for _, sdk := range []string{"tencentcloud-sdk-nodejs-scf", "cos-nodejs-sdk-v5"} {
		if _, err := os.Stat("node_modules/" + sdk); err != nil {
			testenv.Missing(t, "needs the SDKs: npm ci --prefix test/judge")
		}
	}
	t.Setenv("LAYERBUILD_JUDGE_APPID", sandbox.TencentAppID)
	judge(t, 30, node, "judge_scf.mjs")
}
