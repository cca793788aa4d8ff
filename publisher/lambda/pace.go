package lambda

import (
	"context"
	"fmt"

	"github.com/aws/smithy-go/middleware"
)

// paced has every attempt of a request wait for its turn: after the SDK's Retry
// step, which makes the attempts, and before the signature, which gets old.
func paced(wait func(context.Context) error) func(*middleware.Stack) error {
	step := middleware.FinalizeMiddlewareFunc("Pace", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if err := wait(ctx); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, fmt.Errorf("waiting to send a request: %w", err)
		}
		return next.HandleFinalize(ctx, in)
	})
	return func(stack *middleware.Stack) error { return stack.Finalize.Insert(step, "Retry", middleware.After) }
}
