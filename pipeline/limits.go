package pipeline

import (
	"fmt"

	"github.com/layerbuild/layerbuild/layer"
)

// checkTree compares what is known before packing with the limits.
func checkTree(p *Plan, product Product, t layer.Tree) error {
	size := t.Size()
	if budget := p.Manifest.Budget.Unzipped; budget > 0 && size > budget {
		return overBudget(product, "unzipped", size, budget)
	}
	if product.Layout.Cloud == LocalRegion {
		return nil
	}
	return limit(product, product.Service.Limits.Exceeded(0, size, false))
}

// checkZip compares the finished zip with the limits of every way in which the
// plan sends it.
func checkZip(p *Plan, product Product, a layer.Artifact) error {
	if budget := p.Manifest.Budget.Zip; budget > 0 && a.Digests.Size > budget {
		return overBudget(product, "zip", a.Digests.Size, budget)
	}
	if product.Layout.Cloud == LocalRegion {
		return nil
	}
	for _, item := range p.Items {
		if p.Products[item.Product].String() != product.String() {
			continue
		}
		inline := item.Bucket == ""
		wrong := product.Service.Limits.Exceeded(a.Digests.Size, a.Unzipped, inline)
		if wrong != "" && inline && product.Service.Limits.Exceeded(a.Digests.Size, a.Unzipped, false) == "" {
			wrong += ": give the target a bucket"
		}
		if err := limit(product, wrong); err != nil {
			return err
		}
	}
	return nil
}

func limit(product Product, wrong string) error {
	if wrong == "" {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", product, wrong, layer.ErrLimit)
}

func overBudget(product Product, what string, got, budget int64) error {
	return fmt.Errorf("%s: %s size of %d bytes is over the budget of %d bytes by %d: %w",
		product, what, got, budget, got-budget, layer.ErrLimit)
}
