"""The pages load nothing from elsewhere, name what is there, and say everything in both languages."""

import re
from pathlib import Path
from typing import get_args

import pytest

from services.gateway.routes.page import FOLDER
from shared.contracts.analysis import AgentKind, ProviderType, ValidationStatus
from shared.contracts.atoms import LinkType
from shared.contracts.embedding import ItemKind, SpaceStatus
from shared.contracts.experiments import ExperimentStatus
from shared.contracts.extraction import ExtractionStatus, Trigger
from shared.contracts.ingestion import JobStatus
from shared.contracts.knowledge import AtomType, ReviewStatus
from shared.contracts.proposals import Category, Novelty, Priority, ProposalStatus, Recommendation
from shared.contracts.runs import RunStatus
from shared.contracts.scoring import MessageClass

FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js", ".svg"})
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
LANGUAGES = ("uk", "en")
FORMS = {"uk": 3, "en": 2}
"""How many forms of a word a count chooses among."""


def words(language: str) -> dict[str, str]:
    text = (FOLDER / f"words-{language}.js").read_text()
    found: list[tuple[str, str]] = re.findall(r"(?:^|[\s{])(\w+): \"((?:[^\"\\]|\\.)*)\"", text, re.MULTILINE)
    assert len(found) == len(dict(found)), "a word stands twice"
    return dict(found)


def asked_for() -> dict[str, set[str]]:
    """The words that scripts and pages name, by what asks for them."""
    scripts = "".join(path.read_text() for path in SCRIPTS)
    pages = (FOLDER / "index.html").read_text()
    return {
        "t": set(re.findall(r"\bt\(\"(\w+)\"", scripts))
        | set(re.findall(r"data-t(?:-\w+)?=\"(\w+)\"", pages)),
        "many": set(re.findall(r"\bmany\(\"(\w+)\"", scripts)),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(file: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", file.read_text())
    known = ("http://www.w3.org/", "https://api.openai.com/v1")
    assert [address for address in addresses if not address.startswith(known)] == []


@pytest.mark.parametrize("page", ["index.html", "reference.html"])
def test_what_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"/assets/([\w.-]+)", (FOLDER / page).read_text())
    assert named
    assert [name for name in named if not (FOLDER / name).is_file()] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_a_script_imports_is_there(script: Path) -> None:
    for names, source in re.findall(r"import \{([^}]+)\} from \"\./([\w.-]+)\";", script.read_text()):
        exported = (FOLDER / source).read_text()
        for name in (part.split(" as ")[0].strip() for part in names.split(",")):
            assert re.search(rf"export (?:async )?(?:function|const|let|class) {name}\b", exported), name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_people_wrote_never_becomes_markup(script: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script.read_text()
    )


def test_scripts_name_only_elements_that_the_page_has() -> None:
    there = set(re.findall(r"\bid=\"([\w-]+)\"", (FOLDER / "index.html").read_text()))
    for script in (path for path in SCRIPTS if path.name != "reference.js"):
        named = set(re.findall(r"(?:\$|getElementById)\(\"([\w-]+)\"\)", script.read_text()))
        assert named <= there, script.name


def test_every_word_is_there_in_both_languages() -> None:
    ukrainian, english = words("uk"), words("en")
    assert set(ukrainian) == set(english)
    assert len(ukrainian) > 50
    for name, text in ukrainian.items():
        holes = [sorted(set(re.findall(r"\{\w+\}", said))) for said in (text, english[name])]
        assert holes[0] == holes[1], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_asked_for_is_there(language: str) -> None:
    assert {name for names in asked_for().values() for name in names} <= set(words(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_the_contracts_has_a_word(language: str) -> None:
    plain = (AtomType, ReviewStatus, MessageClass, JobStatus, ExtractionStatus, AgentKind, ProposalStatus)
    named = {value for kind in plain for value in get_args(kind)}
    prefixes = {
        "trigger": Trigger, "provider": ValidationStatus, "type": ProviderType, "space": SpaceStatus,
        "kind": ItemKind, "kind_one": ItemKind, "use": AgentKind, "run": RunStatus,
        "experiment": ExperimentStatus, "category": Category, "priority": Priority, "advice": Recommendation,
        "novelty": Novelty, "was": ProposalStatus,
    }  # fmt: skip
    named |= {f"{prefix}_{value}" for prefix, kind in prefixes.items() for value in get_args(kind)}
    named |= {f"{value}_{way}" for value in get_args(LinkType) for way in ("to", "from")}
    named |= {f"capOf_{value}" for value in get_args(AgentKind) if value != "embedder"}
    assert named <= set(words(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_count_have_each_form(language: str) -> None:
    counting = {name for name, text in words(language).items() if "|" in text}
    assert asked_for()["many"] <= counting
    for name in counting:
        forms = words(language)[name].split("|")
        assert len(forms) == FORMS[language], name
        # 21 takes the form of 1 in Ukrainian: each form has to say the number.
        assert len({frozenset(re.findall(r"\{\w+\}", form)) for form in forms}) == 1, name
