"""Real data for trials, which is no part of the project: found by EGOV_SHARED_DATA or beside the checkout."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared/data"


def shared_data(path):
    """A file or folder of the shared data; the test is skipped where it is missing."""
    found = Path(os.environ.get("EGOV_SHARED_DATA", BESIDE)) / path
    if not found.exists():
        pytest.skip(f"no {path} in the shared data; EGOV_SHARED_DATA tells where it is")
    return found
