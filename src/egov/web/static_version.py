"""One short word that changes with any static file of the two faces: pages put it into addresses, so that
browsers may keep the files for long and never show old ones.
"""

from __future__ import annotations

import hashlib
from importlib import resources

_FOLDERS = [resources.files("egov") / face / "static" for face in ("manage", "public")]

STATIC_VERSION = hashlib.sha256(
    b"".join(file.read_bytes() for folder in _FOLDERS for file in sorted(folder.iterdir(), key=str))
).hexdigest()[:8]
