package publisher

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/layerbuild/layerbuild/layer"
)

// A WholeSharer is a [Sharer] of a service that shares a layer with all of its
// versions, never one alone.
type WholeSharer interface {
	Sharer
	// Widens returns the numbers of the other versions that sharing v would
	// open to others too, none if they are open already or stay closed. A
	// version about to be made has number 0.
	Widens(ctx context.Context, v layer.Version, s Sharing) (others []int64, err error)
}

// consent is an error when sharing out's version would open others that nobody
// agreed to open.
func (o Options) consent(ctx context.Context, p Publisher, out Outcome) error {
	w, ok := p.(WholeSharer)
	if !ok || o.Yes {
		return nil
	}
	var others []int64
	err := o.retry(ctx, func() (err error) {
		others, err = w.Widens(ctx, out.Version, o.Sharing)
		return err
	})
	if err != nil || len(others) == 0 {
		return err
	}
	return &layer.Fault{
		Message: fmt.Sprintf("this cloud shares whole layers: %s would be shared too", versions(others)),
		Hint:    "pass --yes to share the layer with all its versions, or publish under a name of its own",
	}
}

// versions names some of a list, "versions 1, 2 and 7 more".
func versions(numbers []int64) string {
	const most = 5
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	if len(words) == 1 {
		return "version " + words[0]
	}
	if len(words) > most {
		words = append(words[:most], fmt.Sprintf("%d more", len(words)-most))
	}
	last := len(words) - 1
	return "versions " + strings.Join(words[:last], ", ") + " and " + words[last]
}
