"""Files are written whole or not at all, and read with the reason where they cannot be."""

import os
import stat
import sys

import pytest

from solver.files import FileError, read_text, write_atomically


def test_that_text_is_written_as_utf_8_into_new_folders(tmp_path):
    path = tmp_path / "new" / "deep" / "file.txt"

    write_atomically(path, "1 × GPU\n")

    assert path.read_bytes() == "1 × GPU\n".encode()
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


def test_that_an_older_file_is_exchanged(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"


def test_that_a_failure_half_way_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)

    with pytest.raises(FileError, match="No space left on device"):
        write_atomically(path, b"new")

    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_that_others_may_read_what_the_mask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_that_a_file_in_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(FileError, match="is a file, not a folder"):
        write_atomically(tmp_path / "file" / "answer.json", b"")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\xff", "byte 0 is not UTF-8"), (b"12345", "more than 4 bytes")]
)
def test_that_a_file_that_cannot_be_read_tells_why(content, reason, tmp_path):
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(FileError, match=reason):
        read_text(tmp_path / "file", 4)


def test_that_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfa")

    assert read_text(tmp_path / "file", 4) == "a"
