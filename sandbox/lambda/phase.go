package lambda

import "net/http"

// A phase is what the answers about a function say of its state.
type phase string

const (
	// unsaid is the phase in listings, which leave it out.
	unsaid phase = ""
	// creating and updating are in the first answer about a $LATEST that was
	// made or changed, the one to that request left out, settled in all others.
	creating phase = "creating"
	updating phase = "updating"
	settled  phase = "settled"
)

// look returns the phase of a version and counts as a look at it. The lock is
// held.
func (s *Service) look(d *deployment) phase {
	now, ok := s.changing[d.id()]
	if !ok || d.Number != 0 {
		return settled
	}
	delete(s.changing, d.id())
	return now
}

// conflict refuses what cannot be done in a phase, in the service's words.
func (now phase) conflict(d *deployment) error {
	f := &failure{status: http.StatusConflict, code: "ResourceConflictException"}
	switch now {
	case creating:
		f.message = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
	case updating:
		f.message = "The operation cannot be performed at this time. An update is in progress for resource: " + d.id().arn()
	default:
		return nil
	}
	return f
}

// put writes the phase into a description of a function.
func (now phase) put(c *configuration) {
	const reason, code = "The function is being created.", "Creating" // of updates too
	switch now {
	case creating:
		c.State, c.StateReason, c.StateReasonCode = "Pending", reason, code
	case updating:
		c.State, c.LastUpdateStatus, c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = "Active", "InProgress", reason, code
	case settled:
		c.State, c.LastUpdateStatus = "Active", "Successful"
	}
}
