"""An installed calling kit that does nothing, for whatever asks whether there is one."""

import hashlib
import json
from pathlib import Path

from vestibule.store.addons import acs_calling

ENTRY = "entry-ABCDEFGH.js"
SCRIPT = b"export const makeSession = () => undefined;\n" * 100


def put_kit(data: Path, **said: str) -> Path:
    """Let the add-on be installed in the data folder; `said` changes its manifest. Returns where it lies."""
    place = acs_calling.folder(data)
    place.mkdir(parents=True)
    files = {ENTRY: SCRIPT, f"{ENTRY}.gz": b"packed", "licence.txt": b"Terms."}
    for name, content in files.items():
        (place / name).write_bytes(content)
    told = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    manifest = {"format": 1, "version": "1.46.1", "source": "0" * 16, "entry": ENTRY, "files": told} | said
    (place / "manifest.json").write_text(json.dumps(manifest))
    return place
