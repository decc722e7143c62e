"""What the machine or a configuration refuses: each command ends with a sentence, never with a traceback."""

import os

import pytest

from tests.support.world import PASSWORD


@pytest.fixture
def begun(run):
    run("init", "--password", PASSWORD)
    return run


def test_commands_before_the_first_database_leave_nothing_in_its_way(run, tmp_path):
    for words in (["backup", tmp_path / "backup"], ["scrub"], ["pack"], ["doctor", "--repair"]):
        assert "请先运行 egov init" in run(*map(str, words), status=1).output
    assert not (tmp_path / "backup").exists()

    run("init", "--password", PASSWORD)
    assert "没有发现问题" in run("doctor").output


SETTINGS = [
    ("", "没有 zodbconn.uri"),
    ("zodbconn.uri = bla://x", "数据库地址不能用"),
    ("zodbconn.uri = zconfig:///nowhere.conf#main", "数据库地址不能用"),
    ("zodbconn.uri = zconfig://%(here)s/other.conf#main", "nowhere 没有安装"),
    ("zodbconn.uri = file://%(here)s/Data.fs?nosuch=1", "数据库地址不能用"),
    ("zodbconn.uri = file://%(here)s/Data.fs?connection_cache_size=x", "数据库地址不能用"),
    ("zodbconn.uri = file://%(here)s/nowhere/Data.fs", "请先运行 egov init"),
    ("zodbconn.uri = file://%(here)s/egov.ini/Data.fs", "请先运行 egov init"),
    ("zodbconn.uri = file://%(here)/Data.fs", "egov.ini 不能用"),
    ("zodbconn.uri", "egov.ini 不能用"),
]


@pytest.mark.parametrize(("line", "told"), SETTINGS)
def test_a_configuration_that_does_not_fit_is_told(run, tmp_path, line, told):
    (tmp_path / "egov.ini").write_text(f"[app:main]\nuse = egg:egov\n{line}\n", "utf-8")
    (tmp_path / "other.conf").write_text("%import nowhere\n", "utf-8")

    for command in ("doctor", "jobs", "check"):
        assert told in run(command, status=1).output


def test_a_file_that_is_no_configuration_is_told(run, tmp_path):
    (tmp_path / "egov.ini").write_text("[app:main\n", "utf-8")

    assert "egov.ini 不能用" in run("doctor", status=1).output


def test_init_makes_the_folder_for_nobody_else(run, tmp_path):
    ini = f"[app:main]\nuse = egg:egov\nzodbconn.uri = file://{tmp_path}/var/deep/Data.fs\n"
    (tmp_path / "egov.ini").write_text(ini, "utf-8")

    run("init", "--password", PASSWORD)

    assert (tmp_path / "var/deep").stat().st_mode & 0o777 == 0o700


def test_places_that_cannot_be_written_are_told(begun, tmp_path):
    (tmp_path / "file").touch()
    data = f"file://{tmp_path}/Data.fs?blobstorage_dir={tmp_path}/blobs"

    assert "不是目录" in begun("backup", str(tmp_path / "file/b"), status=1).output
    assert "不是目录" in begun("export-static", str(tmp_path / "file/b"), status=1).output
    begun("backup", str(tmp_path / "backup"))
    into = str(tmp_path / "file/r")
    assert "已经存在" in begun("restore", str(tmp_path / "backup"), "--into", into, status=1).output
    target = f"file://{tmp_path}/file/Data.fs"
    assert "已经存在" in begun("convert", data, target, status=1).output
    assert "不能用" in begun("convert", "a", target, status=1).output


def test_nobody_else_reads_what_was_backed_up_or_brought_back(begun, tmp_path):
    before = os.umask(0o022)
    begun("backup", str(tmp_path / "backup"))
    begun("restore", str(tmp_path / "backup"), "--into", str(tmp_path / "deep/again"))
    os.umask(before)

    for made in (tmp_path / "backup", tmp_path / "deep/again"):
        assert made.stat().st_mode & 0o077 == 0


def test_a_full_disk_ends_a_command_with_a_sentence(begun, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("egov.storage.sums.os.fsync", full)

    assert "磁盘已满" in begun("backup", str(tmp_path / "backup"), status=1).output


def test_a_conversion_onto_a_full_disk_ends_with_a_sentence_alone(
    begun, tmp_path, monkeypatch, caplog
):
    def full(*_args):
        raise OSError(28, "No space left on device")

    data = f"file://{tmp_path}/Data.fs?blobstorage_dir={tmp_path}/blobs"
    (tmp_path / "to").mkdir()
    monkeypatch.setattr("egov.storage.engine.FileStorage.tpc_vote", full)
    monkeypatch.setattr("ZODB.FileStorage.FileStorage._save_index", full)

    told = begun("convert", data, f"file://{tmp_path}/to/Data.fs", status=1).output

    assert "磁盘已满" in told
    assert "Traceback" not in told
    assert [record.exc_info for record in caplog.records if record.exc_info] == []


def test_lost_checksums_are_not_made_anew_unless_somebody_says_so(begun, tmp_path):
    (tmp_path / "Data.fs.sums").unlink()

    for words in (["doctor"], ["scrub"], ["backup", str(tmp_path / "backup")]):
        assert "Data.fs.sums" in begun(*words, status=1).output
    assert "egov scrub --accept" in begun("doctor", status=1).output

    begun("scrub", "--accept")
    begun("doctor")


def test_another_beginning_is_refused_and_put_back(begun, tmp_path):
    begun("backup", str(tmp_path / "backup"))
    data = tmp_path / "Data.fs"
    data.write_bytes(b"XX" + data.read_bytes()[2:])

    assert "开头已损坏" in begun("doctor", status=1).output
    assert "全部取回" in begun("scrub", "--backup", str(tmp_path / "backup")).output
    begun("doctor")


def test_what_no_backup_has_is_told_with_what_can_be_done(begun, tmp_path):
    begun("backup", str(tmp_path / "backup"))
    begun("user", "add", "late", "晚到的人")
    data = tmp_path / "Data.fs"
    data.write_bytes(data.read_bytes()[:-9] + b"Z" + data.read_bytes()[-8:])

    told = begun("scrub", "--backup", str(tmp_path / "backup"), status=1).output

    assert "备份中没有" in told
    assert "egov restore" in told
    assert "does not exist" in begun("scrub", "--backup", str(tmp_path / "no"), status=2).output


def test_a_key_seals_nothing_but_a_new_backup(begun, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "key").write_text("a key that is long enough")
    key = ["--key-file", str(tmp_path / "key")]

    again = ["--into", str(tmp_path / "again"), *key]
    told = begun("restore", str(tmp_path / "empty"), *again, status=1).output
    assert "没有备份" in told
    assert list((tmp_path / "empty").iterdir()) == []

    begun("backup", str(tmp_path / "sealed"), *key)
    for change in (lambda path: path.write_text("{}"), lambda path: path.unlink()):
        for name in ("key.json", "points/key"):
            change(tmp_path / "sealed" / name)
        assert "key.json" in begun("restore", str(tmp_path / "sealed"), *again, status=1).output
    assert "key.json" in begun("backup", str(tmp_path / "sealed"), *key, status=1).output
