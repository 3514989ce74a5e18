"""The pages for operators speak of objects that there are, and lead to pages that there are."""

import re
from pathlib import Path

import pytest

from deploy.kubernetes.rendered import ROOT, overlay
from tests.deploy.kubernetes.checks.objects import name_of
from tests.deploy.kubernetes.checks.references import what_is_made

PAGES = ("docs/cluster.md", "docs/cluster-operations.md")
_OBJECT = re.compile(r"\b(deployment|job|statefulset|service|cluster)[/ ]([a-z][a-z0-9-]*)\b")
_SECRET = re.compile(r"\b(?:get|patch|delete) (secret|configmap) ([a-z][a-z0-9-]*)\b")
_PLACEHOLDERS = {"migrate-"}
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"^(?!\|).*kubectl .*$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_objects_of_the_commands_are_there(page: str) -> None:
    manifests = overlay("production")
    there = {(each["kind"].lower(), name_of(each)) for each in manifests}
    made = {(kind.lower(), name) for kind, name in what_is_made(manifests)}
    commands = "\n".join(_COMMAND.findall(Path(page).read_text()))
    spoken_of = {found for found in _OBJECT.findall(commands) if found[1] not in _PLACEHOLDERS}
    assert spoken_of, "the page has no commands"
    assert spoken_of - there == set()
    assert {*_SECRET.findall(commands)} - made == set()


def test_every_secret_that_is_needed_is_in_the_table_of_secrets() -> None:
    page = Path("docs/cluster.md").read_text()
    for kind, name in what_is_made(overlay("dev")):
        if kind == "Secret":
            said = name if not name.endswith("-credentials") else "<service>-credentials"
            assert f"Secret `{said}`" in page, said


@pytest.mark.parametrize("page", PAGES)
def test_links_and_folders_are_there(page: str) -> None:
    text = Path(page).read_text()
    for link in _LINK.findall(text):
        assert (Path("docs") / link).exists(), link
    folders = {*re.findall(r"`((?:base|nats|postgres|telemetry|components|examples)/[\w./-]*)`", text)}
    for folder in folders:
        assert (ROOT / folder).exists(), folder
