"""What a person may give as EXPORT."""

from pathlib import Path

import pytest

from deploy.local.chat import resolve_export
from deploy.local.errors import LocalError


def test_file_and_its_folder_mean_the_same(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{}")
    assert resolve_export(str(tmp_path)) == resolve_export(str(tmp_path / "result.json"))


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"cannot be read \(No such file or directory\): give the path"):
        resolve_export(str(tmp_path / "none.json"))


def test_empty_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "result.json").touch()
    with pytest.raises(LocalError, match="is empty"):
        resolve_export(str(tmp_path / "result.json"))


def test_html_export_is_told_from_json(tmp_path: Path) -> None:
    (tmp_path / "messages.html").write_text("<html>")
    for given in (tmp_path, tmp_path / "messages.html"):
        with pytest.raises(LocalError, match="'Machine-readable JSON'"):
            resolve_export(str(given))
