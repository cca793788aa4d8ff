package judge

import (
	"os"
	"testing"

	"github.com/layerbuild/layerbuild/internal/testenv"
)

// TestOSS has the sandbox judged by Alibaba's OSS SDK for JavaScript.
func TestOSS(t *testing.T) { judgeModule(t, 55, "ali-oss", "judge_oss.mjs") }

// TestCOS has the sandbox judged by Tencent's COS SDK for JavaScript.
func TestCOS(t *testing.T) { judgeModule(t, 55, "cos-nodejs-sdk-v5", "judge_cos.mjs") }

// judgeModule runs a script that needs a module.
func judgeModule(t *testing.T, least int, module, script string) {
	t.Helper()
	node := testenv.Need(t, "node")[0]
	if _, err := os.Stat("node_modules/" + module); err != nil {
		testenv.Missing(t, "needs "+module+": npm ci --prefix test/judge")
	}
	judge(t, least, node, script)
}
