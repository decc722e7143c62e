"""egov: one object tree for a government's whole website group."""

from __future__ import annotations

import warnings
from typing import Any

# Said by pyramid at every start; setuptools is pinned where it still has the module.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)


def main(global_config: dict[str, str], **settings: Any) -> Any:
    """The WSGI application of a server; see `egov.serving`."""
    # Here, because a process that only cuts texts, or a command, would wait for the whole of it.
    from egov.serving import serve  # noqa: PLC0415

    return serve(global_config, **settings)
