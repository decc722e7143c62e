"""The egov command: thin, over the same operations as the web."""

from __future__ import annotations

import warnings

# Said by pyramid at every start; setuptools is pinned where it still has the module.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)

from egov.cli.main import main  # noqa: E402

__all__ = ["main"]
