package pipeline

import "time"

// createdAt reads a time as the clouds spell it: Lambda with an offset without
// a colon, Function Compute in UTC, SCF in the time of Beijing.
func createdAt(text string) (time.Time, error) {
	beijing := time.FixedZone("UTC+8", 8*60*60)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999-0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.ParseInLocation(time.DateTime, text, beijing)
}

// inUTC spells a cloud's time as RFC 3339 in UTC, and leaves one that it cannot
// read as it is.
func inUTC(text string) string {
	t, err := createdAt(text)
	if err != nil {
		return text
	}
	return t.UTC().Format(time.RFC3339)
}
