"""Lists a zip as Python's zipfile sees it: mode, SHA-256 of the content, name."""
import hashlib
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    assert not z.comment
    for i in z.infolist():
        assert i.create_system == 3 and i.date_time == (1980, 1, 1, 0, 0, 0), i
        assert not i.extra and not i.comment and not i.flag_bits & ~0x800, i
        digest = hashlib.sha256(z.read(i)).hexdigest()
        sys.stdout.buffer.write(f"{i.external_attr >> 16:o} {digest} {i.filename}\n".encode())
