"""Bring locale/en up to date: every message of code, templates and workflow tables, what was translated kept.

python -m tests.tools.messages          writes the file, tells how many messages wait for a translation
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from egov.workflow.stock import TABLES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/egov"
EN = SOURCE / "locale/en/LC_MESSAGES/egov.po"

# Nothing in it changes with the day or the tool, so that a diff shows messages only.
HEADER = b"""\
# The back office in English.
msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def msgids():
    """Every message in the source language, in the order of the code."""
    files = sorted(p for p in SOURCE.rglob("*") if p.suffix in (".py", ".pt"))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "egov.pot"
        subprocess.run(
            [Path(sys.executable).parent / "pot-create", "-o", target, "-d", "egov", *files],
            check=True,
            capture_output=True,
        )
        with target.open("rb") as source:
            found = [str(message.id) for message in read_po(source) if message.id]
    for table in TABLES.values():
        found.append(str(table.title))
        found += [str(state.title) for state in table.states.values()]
        found += [str(step.title) for step in table.transitions]
    return list(dict.fromkeys(found))


def main():
    """Write the file anew."""
    with EN.open("rb") as source:
        known = {str(m.id): str(m.string) for m in read_po(source) if m.id}
    catalog = Catalog(locale="en", domain="egov")
    for msgid in msgids():
        catalog.add(msgid, known.get(msgid, ""))
    with EN.open("wb") as target:
        target.write(HEADER)
        write_po(target, catalog, width=0, omit_header=True, no_location=True)
    missing = [m.id for m in catalog if m.id and not m.string]
    print(f"{len(catalog)} messages, {len(missing)} wait for a translation")
    for msgid in missing:
        print(repr(msgid))


if __name__ == "__main__":
    main()
