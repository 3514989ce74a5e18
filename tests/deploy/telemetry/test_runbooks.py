"""Each alert has its run-book, and what the run-book says to type is there to be typed."""

import re
from typing import Any

import pytest
from typer.main import get_command

from dramatiq_nats.cli.arguments import command_parser
from tasktracker.cli.app import app
from tests.deploy.telemetry.figures import ROOT, declared
from tests.deploy.telemetry.test_alerts import NAMES

TEXT = (ROOT / "docs/runbooks.md").read_text()
SECTIONS = {part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"(?m)^## ", TEXT)[1:]}
PARTS = ("**Means.**", "**See.**", "**Likely.**", "**Do.**", "**Over** when")
ROUTE = re.compile(r"`(GET|POST|PATCH|PUT|DELETE) (/[\w/{}.-]+)`")


def test_each_alert_has_its_section_and_each_section_its_alert() -> None:
    assert list(SECTIONS) == [name for name in SECTIONS if name in NAMES], "a section without an alert"
    assert sorted(SECTIONS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_section_says_what_it_means_and_what_to_do(name: str) -> None:
    found = [SECTIONS[name].find(part) for part in PARTS]
    assert -1 not in found
    assert found == sorted(found)
    assert re.search(r"(?m)^1\. ", SECTIONS[name]), "steps in their order"


def test_metrics_that_are_named_are_told() -> None:
    named = set(re.findall(r"\b(?:tt|dramatiq_nats)_\w+", TEXT))
    known = declared().keys() | {
        name.removesuffix("_count") for name in declared() if name.endswith("_count")
    }
    assert named - known == set()


def test_links_lead_somewhere() -> None:
    anchors = {name.lower() for name in SECTIONS}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
    for target in re.findall(r"\]\(([^#)]+)\)", TEXT):
        assert (ROOT / "docs" / target).exists(), target


def test_routes_are_there() -> None:
    access = (ROOT / "docs/access.md").read_text()
    known = set(re.findall(r"^\| (\w+) \| `([^`]+)`", access, re.MULTILINE))
    named = set(ROUTE.findall(TEXT))
    assert named
    assert {(method, path) for method, path in named} - known == set()


def test_commands_of_the_client_are_there_with_their_options() -> None:
    wrong = []
    for arguments in commands_of("tasktracker"):
        command: Any = get_command(app)
        words = arguments.split()
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        options = [word for word in words if word.startswith("-")]
        if hasattr(command, "commands") or not known.issuperset(options):
            wrong.append(arguments)
    assert wrong == []


def test_commands_of_the_broker_are_read_as_they_stand() -> None:
    for arguments in commands_of("dramatiq-nats"):
        command_parser().parse_args(arguments.split())


def commands_of(program: str) -> list[str]:
    """What the run-books have one type, without the program's name."""
    found = sorted(set(re.findall(rf"(?:`|^ +){program} ([a-z-][^`\n|;]*)", TEXT, re.MULTILINE)))
    assert found
    return found
