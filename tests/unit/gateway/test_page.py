"""The pages load nothing from elsewhere, and say everything in both languages."""

import re
from pathlib import Path

import pytest

from services.gateway.routes.page import FOLDER

FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js", ".svg"})


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(file: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", file.read_text())
    assert [address for address in addresses if not address.startswith("http://www.w3.org/")] == []


@pytest.mark.parametrize("page", ["index.html", "reference.html"])
def test_what_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"/assets/([\w.]+)", (FOLDER / page).read_text())
    assert named
    assert [name for name in named if not (FOLDER / name).is_file()] == []


def test_every_word_is_there_in_both_languages() -> None:
    words = (FOLDER / "words.js").read_text()
    ukrainian, english = words.partition("\n};")[0].split("\n  en: {")
    keys = [set(re.findall(r"(?:^|[\s{])(\w+): \"", part)) for part in (ukrainian, english)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
