// Package judge has the sandbox judged by those who cannot share our
// misunderstandings: the vendors' own SDKs in other languages. The tests start
// a sandbox and run the scripts of this folder against it.
package judge
