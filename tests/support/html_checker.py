"""The Nu HTML checker over the bodies of some pages."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

VNU = Path(__file__).parents[1] / "vnu/node_modules/vnu-jar/build/dist/vnu.jar"


def html_errors(bodies, folder):
    """What it calls an error, with the kind of page; skips the test where it cannot run."""
    if shutil.which("java") is None:
        pytest.skip("no java: the HTML checker cannot run")
    if not VNU.exists():
        pytest.skip("no vnu.jar: `make vnu` fetches it")
    folder.mkdir()
    for kind, body in bodies.items():
        (folder / f"{kind.replace(' ', '-')}.html").write_bytes(body)
    done = subprocess.run(
        ["java", "-jar", str(VNU), "--format", "json", "--errors-only", *map(str, folder.glob("*.html"))],
        capture_output=True, check=False,
    )  # fmt: skip
    told = json.loads(done.stderr)["messages"]
    return [(Path(m["url"]).name, m["message"], m.get("extract", "")[:200]) for m in told]
