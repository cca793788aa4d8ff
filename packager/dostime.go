package packager

import (
	"archive/zip"
	"fmt"
	"time"
)

// The seconds since 1970 that a zip can tell.
const (
	minEpoch int64 = 315532800  // 1980-01-01 00:00:00
	maxEpoch int64 = 4354819199 // 2107-12-31 23:59:59, cut to :58
)

// CheckEpoch says what is wrong with a time of entries, in seconds since 1970.
func CheckEpoch(epoch int64) error {
	_, err := newDOSTime(epoch)
	return err
}

// evenEpoch returns the seconds since 1970 as a zip keeps them, with 0 for the
// earliest time that it knows and for those that it does not.
func evenEpoch(epoch int64) int64 {
	if epoch <= minEpoch+1 || epoch > maxEpoch {
		return 0
	}
	return epoch &^ 1
}

// A dosTime is a time as zip headers hold it (APPNOTE 4.4.6): years from 1980,
// two-second steps and no zone. Ours are UTC.
type dosTime struct{ date, time uint16 }

// newDOSTime converts seconds since 1970, 0 being the earliest time there is.
func newDOSTime(epoch int64) (dosTime, error) {
	if epoch == 0 {
		epoch = minEpoch
	}
	if epoch < minEpoch || epoch > maxEpoch {
		return dosTime{}, fmt.Errorf("epoch %d: a zip holds times from %d (1980-01-01) to %d (2107-12-31)", epoch, minEpoch, maxEpoch)
	}
	t := time.Unix(epoch, 0).UTC()
	return dosTime{
		date: uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()),
		time: uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2),
	}, nil
}

// stamp puts the time in a header.
func (d dosTime) stamp(h *zip.FileHeader) {
	//lint:ignore SA1019 These are what CreateRaw writes; Modified means nothing to it, and to CreateHeader an extra field.
	h.ModifiedDate, h.ModifiedTime = d.date, d.time
}
