package layer

// An Object is a zip in an object store.
type Object struct {
	Bucket string `json:"bucket,omitempty"`
	// Key is the name within the bucket, without a leading slash.
	Key string `json:"key"`
	// Version is the object's version id where the bucket keeps versions.
	Version string `json:"version,omitempty"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 (lower-case hex), CRC64 and CRC64NVME (decimal) are what the
	// store knows of the whole object's bytes, "" where it says nothing.
	SHA256    string `json:"sha256,omitempty"`
	CRC64     string `json:"crc64,omitempty"`
	CRC64NVME string `json:"crc64nvme,omitempty"`
}

// A Version is a published layer version, as the cloud describes it.
type Version struct {
	Name   string `json:"name"`
	Number int64  `json:"version"`
	// ARN is the cloud's own name for the version, "" where it has none.
	ARN string `json:"arn,omitempty"`
	// SHA256 (lower-case hex) and CRC64 (decimal) are the cloud's checksums
	// of the zip, "" where it has no such one.
	SHA256 string `json:"sha256,omitempty"`
	CRC64  string `json:"crc64,omitempty"`
	// Size is the zip's length in bytes, 0 if unknown.
	Size        int64  `json:"size,omitempty"`
	Description string `json:"description,omitempty"`
	License     string `json:"license,omitempty"`
	// Runtimes and Architectures are what the version was declared for, in
	// the cloud's own spelling and order.
	Runtimes      []string `json:"runtimes,omitempty"`
	Architectures []string `json:"architectures,omitempty"`
	// Created is the cloud's own spelling of the time.
	Created string `json:"created,omitempty"`
	// Location is where the zip can be fetched for a while. It is signed:
	// never print or store it.
	Location string `json:"-"`
	// Repacked marks a version whose content is the tree that was asked for
	// in a zip of other bytes.
	Repacked bool `json:"repacked,omitempty"`
}
