"""A lock on a file: one holder, and free again when it is dropped."""

from pathlib import Path

from shared.db.file_lock import FileLock


def test_one_holder(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "x.lock"), FileLock(tmp_path / "x.lock")
    assert first.take()
    assert first.take()
    assert not second.take()
    first.drop()
    first.drop()
    assert second.take()
    second.drop()
