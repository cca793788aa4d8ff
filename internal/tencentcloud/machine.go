package tencentcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
)

// metadata is where a machine asks for the access key of its role:
// https://www.tencentcloud.com/document/product/213/4934
const metadata = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"

const (
	// patience is for a machine that is not Tencent's, where nobody answers.
	patience = 2 * time.Second
	// early is how long before its end a key is renewed.
	early = 5 * time.Minute
)

// A machineRole stands in for the SDK's provider, which waits for as long as
// the connection does, and writes to the log of the process.
type machineRole struct {
	address string
	now     func() time.Time
}

func (m machineRole) get(ctx context.Context) (common.CredentialIface, error) {
	c := &roleCredential{role: m}
	if err := c.renew(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// A grant is the metadata service's answer.
type grant struct {
	TmpSecretId, TmpSecretKey, Token string
	ExpiredTime                      int64
	Code                             string
}

func (m machineRole) ask(ctx context.Context) (grant, error) {
	names, err := m.fetch(ctx, "")
	if err != nil {
		// Nobody there, or no role: nobody has set this up.
		return grant{}, errAbsent
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(names)), "\n")
	if name == "" {
		return grant{}, errAbsent
	}
	text, err := m.fetch(ctx, name)
	if err != nil {
		return grant{}, fmt.Errorf("asking for role %q: %w", name, err)
	}
	var g grant
	if err := json.Unmarshal(text, &g); err != nil {
		return grant{}, fmt.Errorf("asking for role %q: the answer is not JSON", name)
	}
	if g.Code != "Success" || g.TmpSecretId == "" || g.TmpSecretKey == "" {
		return grant{}, fmt.Errorf("asking for role %q: the answer is %q", name, g.Code)
	}
	return g, nil
}

func (m machineRole) fetch(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.address+name, nil)
	if err != nil {
		return nil, err
	}
	// No proxy could know who is asking.
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 64<<10))
}

// A roleCredential implements [common.CredentialIface], which has no room for
// errors: a key that cannot be renewed is used until the service refuses it.
type roleCredential struct {
	role machineRole
	mu   sync.Mutex
	got  grant
}

func (c *roleCredential) renew(ctx context.Context) error {
	g, err := c.role.ask(ctx)
	if err == nil {
		c.got = g
	}
	return err
}

func (c *roleCredential) GetCredential() (id, key, token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.role.now().Add(early).Before(time.Unix(c.got.ExpiredTime, 0)) {
		_ = c.renew(context.Background())
	}
	return c.got.TmpSecretId, c.got.TmpSecretKey, c.got.Token
}

func (c *roleCredential) GetSecretId() string {
	id, _, _ := c.GetCredential()
	return id
}

func (c *roleCredential) GetSecretKey() string {
	_, key, _ := c.GetCredential()
	return key
}

func (c *roleCredential) GetToken() string {
	_, _, token := c.GetCredential()
	return token
}
