package lambda

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/layerbuild/layerbuild/layer"
	"github.com/layerbuild/layerbuild/publisher"
)

// ours begins the id of every statement that layerbuild writes. Others are
// never touched.
const ours = "layerbuild-"

// A grant is a statement of a version's policy.
type grant struct{ id, principal, organization string }

func grants(s publisher.Sharing) []grant {
	var list []grant
	if s.Public {
		list = append(list, grant{id: ours + "public", principal: "*"})
	}
	for _, account := range s.Accounts {
		list = append(list, grant{id: ours + "account-" + account, principal: account})
	}
	if s.Organization != "" {
		list = append(list, grant{id: ours + "org-" + s.Organization, principal: "*", organization: s.Organization})
	}
	return list
}

// Share brings the statements that layerbuild wrote in line with s: missing
// ones are added, others removed. See
// https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
func (p *Publisher) Share(ctx context.Context, v layer.Version, s publisher.Sharing) (changed bool, err error) {
	statements, err := p.statements(ctx, v)
	if err != nil {
		return false, err
	}
	var present []string
	for _, s := range statements {
		present = append(present, s.Sid)
	}
	wanted := grants(s)
	for _, g := range wanted {
		if slices.Contains(present, g.id) {
			continue
		}
		if err := p.grant(ctx, v, g); err != nil {
			return changed, fmt.Errorf("adding statement %q: %w", g.id, err)
		}
		changed = true
	}
	for _, id := range present {
		if !strings.HasPrefix(id, ours) || slices.ContainsFunc(wanted, func(g grant) bool { return g.id == id }) {
			continue
		}
		if err := p.revoke(ctx, v, id); err != nil {
			return changed, fmt.Errorf("removing statement %q: %w", id, err)
		}
		changed = true
	}
	return changed, nil
}

// grant adds a statement. One that is there already is a lost answer's.
func (p *Publisher) grant(ctx context.Context, v layer.Version, g grant) error {
	out, err := p.client.AddLayerVersionPermission(ctx, &lambda.AddLayerVersionPermissionInput{
		LayerName: &v.Name, VersionNumber: &v.Number,
		Action:      aws.String("lambda:GetLayerVersion"),
		StatementId: &g.id, Principal: &g.principal, OrganizationId: optional(g.organization),
	})
	f := fault(err)
	if f == nil && out.Statement == nil {
		f = incomplete()
	}
	if f == nil || f.Status == http.StatusConflict {
		return nil
	}
	return f
}

func (p *Publisher) revoke(ctx context.Context, v layer.Version, id string) error {
	_, err := p.client.RemoveLayerVersionPermission(ctx, &lambda.RemoveLayerVersionPermissionInput{
		LayerName: &v.Name, VersionNumber: &v.Number, StatementId: &id,
	})
	if f := fault(err); f != nil && !absent(f) {
		return f
	}
	return nil
}
