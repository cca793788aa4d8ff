package handlers

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"path"
)

// pack puts the sources of a language and the settings into a zip, without
// times, data descriptors or anything else that changes or that a reader may
// refuse.
func pack(language string, settings []byte) ([]byte, error) {
	files, err := sources.ReadDir(language) // sorted
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		text, err := sources.ReadFile(path.Join(language, f.Name()))
		if err != nil {
			return nil, err
		}
		if err := store(w, f.Name(), text); err != nil {
			return nil, err
		}
	}
	if err := store(w, "smoke.json", settings); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func store(w *zip.Writer, name string, text []byte) error {
	size := uint64(len(text))
	h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(text), CompressedSize64: size, UncompressedSize64: size}
	//lint:ignore SA1019 CreateRaw writes this one.
	h.ModifiedDate = 1<<5 | 1 // 1980-01-01, APPNOTE 4.4.6
	h.SetMode(0o644)          // the function runs as another user
	entry, err := w.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = entry.Write(text)
	return err
}
