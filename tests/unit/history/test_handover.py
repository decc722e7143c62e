"""Audit records that are handed over: what the receiver can prove."""

import io
import json
import shutil
import subprocess
import zipfile

import pytest

from egov.base.errors import Invalid
from egov.history.audit import HASHES
from egov.history.handover import SigningKey, check_handover, hand_over
from egov.security.principals import SYSTEM_ACTOR


@pytest.fixture
def packed(site):
    for number in range(5):
        site.audit.append(SYSTEM_ACTOR, "edit", reason=f"第 {number} 次")
    key = SigningKey()
    return key, made_of(site, key, site.audit.newest())


def made_of(site, key, records):
    about = {"site": site.title, "at": "2026-11-24"}
    return b"".join(hand_over(key, records, site.audit, about))


def changed(content, name, change):
    """The same ZIP with one part changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    made.seek(0)
    return made


def test_what_was_not_touched_is_sound(packed):
    key, content = packed

    found = check_handover(io.BytesIO(content))

    assert found.fingerprint == key.fingerprint
    assert found.manifest["records"] >= 5


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        (
            "records.jsonl",
            lambda b: b.replace("第 3 次".encode(), "第 9 次".encode()),
            "记录被改过",
        ),
        ("records.jsonl", lambda b: b"".join(b.splitlines(keepends=True)[1:]), "记录被改过"),
        ("chains.jsonl", lambda b: b.replace(b'"records": ', b'"records": 1'), "记录被改过"),
        ("manifest.json", lambda b: b.replace(b"2026-11-24", b"2026-11-25"), "签名不符"),
        ("manifest.sig", lambda b: bytes(64), "签名不符"),
        ("public.pem", lambda _b: SigningKey().public_pem(), "签名不符"),
        ("public.pem", lambda _b: b"no key", "签名不符"),
    ],
)
def test_every_change_is_found(packed, name, change, told):
    with pytest.raises(Invalid, match=told):
        check_handover(changed(packed[1], name, change))


def test_a_record_that_was_false_when_it_was_signed_is_found(site):
    record = site.audit.append(SYSTEM_ACTOR, "edit")
    record.reason = "改过"
    content = made_of(site, SigningKey(), [record])

    with pytest.raises(Invalid, match="与它的校验值不符"):
        check_handover(io.BytesIO(content))


def test_it_says_of_each_chain_how_it_was_found_and_where_it_ends(site):
    record = next(site.audit.newest())
    strand = next(s for s in site.audit.strands.values() if s.head == record.digest)
    record.reason = "改过"

    with zipfile.ZipFile(io.BytesIO(made_of(site, SigningKey(), []))) as packed:
        chains = [json.loads(line) for line in packed.read("chains.jsonl").splitlines()]

    assert len(chains) == len(site.audit.strands)
    (found,) = [chain for chain in chains if chain["faults"]]
    assert (found["strand"], found["head"]) == (strand.number, strand.head)
    assert found["faults"][0]["what"] == "record changed"


def test_what_was_handed_over_before_it_told_of_chains_still_verifies(packed):
    key, content = packed
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as new, zipfile.ZipFile(made, "w") as old:
        manifest = json.loads(new.read("manifest.json"))
        for later in ("chains_sha256", "signature"):
            del manifest[later]
        told = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
        old.writestr("records.jsonl", new.read("records.jsonl"))
        for name, part in (("manifest.json", told), ("manifest.sig", key.sign(told))):
            old.writestr(name, part)
        old.writestr("public.pem", key.public_pem())

    assert check_handover(made).manifest == manifest


def test_records_of_several_hashes_verify_together(site):
    for chosen in HASHES:
        site.audit.hash = chosen
        site.audit.append(SYSTEM_ACTOR, "edit", reason=chosen)

    found = check_handover(io.BytesIO(made_of(site, SigningKey(), site.audit.newest())))

    assert found.manifest["records"] >= len(HASHES)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_handover(content):
    with pytest.raises(Invalid, match="不是移交"):
        check_handover(io.BytesIO(content))


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_openssl_verifies_it_too(packed, tmp_path):
    with zipfile.ZipFile(io.BytesIO(packed[1])) as found:
        found.extractall(tmp_path)
        assert json.loads(found.read("manifest.json"))["records"]
    told = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin",
         "-in", "manifest.json", "-sigfile", "manifest.sig"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr
