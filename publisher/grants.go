package publisher

import "slices"

// Wanted returns whom the sharing names, in the spelling of [Grant], sorted.
func (s Sharing) Wanted() []string {
	var list []string
	if s.Public {
		list = append(list, "public")
	}
	for _, a := range s.Accounts {
		list = append(list, "account:"+a)
	}
	if s.Organization != "" {
		list = append(list, "organization:"+s.Organization)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Changes returns whom a [Sharer] would grant the version to and take it from,
// given who has it now. The zero value changes nothing, and what others
// granted stays.
func (s Sharing) Changes(now []Grant) (grant, revoke []string) {
	if s.IsZero() {
		return nil, nil
	}
	wanted := s.Wanted()
	for _, to := range wanted {
		if !slices.Contains(now, Grant{To: to, Ours: true}) {
			grant = append(grant, to)
		}
	}
	for _, g := range now {
		if g.Ours && !slices.Contains(wanted, g.To) {
			revoke = append(revoke, g.To)
		}
	}
	return grant, revoke
}
