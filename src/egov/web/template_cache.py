"""Compiled templates, kept from one start to the next: to compile those of a first page takes a second.

What is kept is code: the folder is for egov alone. It may be emptied at any time.
"""

from __future__ import annotations

import logging
import marshal
import os
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from chameleon.loader import MemoryLoader

from egov.web import rendering

log = logging.getLogger(__name__)

_DIGEST = 16


class KeptTemplates(MemoryLoader):
    """Chameleon's loader, with a file for each template and language; a file that is not whole does not count."""

    def __init__(self, folder: Path) -> None:
        # Chameleon's names for templates tell of their words and of its own version, not of ours nor of Python's.
        ours = Path(rendering.__file__).read_bytes() + MAGIC_NUMBER
        self._folder = folder / blake2b(ours, digest_size=8).hexdigest()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get(self, name: str) -> Any:
        """What a template was compiled to; None where that is not kept."""
        try:
            kept = self._path(name).read_bytes()
        except OSError:
            return None
        if _digest(kept[_DIGEST:]) != kept[:_DIGEST]:
            return None
        return _run(marshal.loads(kept[_DIGEST:]))  # noqa: S302  the folder is ours alone

    def build(self, source: str, filename: str) -> dict[str, Any]:
        """Compile a template and keep it; it is used all the same where it cannot be kept."""
        code = compile(source, filename, "exec")
        content = marshal.dumps(code)
        try:
            handle, part = mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as target:
                target.write(_digest(content) + content)
            Path(part).rename(self._path(filename))
        except OSError as error:
            log.warning("a compiled template is not kept: %s", error)
        return _run(code)

    def _path(self, name: str) -> Path:
        return self._folder / name


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST).digest()


def _run(code: Any) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  as Chameleon does
    return names


def includeme(config: Any) -> None:
    """Keep compiled templates where the settings say, or where systemd gives a place for what may be made anew."""
    place = os.environ.get("CACHE_DIRECTORY", "").partition(":")[0]
    folder = config.registry.egov.template_cache_dir or (place and f"{place}/templates")
    if folder and "CHAMELEON_CACHE" not in os.environ:  # which says the same to Chameleon itself
        rendering.Template.loader = KeptTemplates(Path(folder))
