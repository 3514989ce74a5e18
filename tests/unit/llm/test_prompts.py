"""Prompt files: which is taken, what is filled in, and which are refused at the start."""

from pathlib import Path

import msgspec
import pytest

from shared.llm import PromptError, PromptFolder
from shared.llm.fencing import DATA_RULES, fence

GOOD = """--- system ---
Do it. {{data_rule}}

Mind this:
{{instructions}}

Be brief.

--- user ---
Here: {{data}}
"""


class Facts(msgspec.Struct):
    text: str


def write(folder: Path, files: dict[str, str]) -> PromptFolder:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return PromptFolder(folder)


def both(text: str, version: int = 1, task: str = "sum") -> dict[str, str]:
    return {f"{task}/{version}.{language}.md": text for language in ("uk", "en")}


def test_newest_version_is_taken_and_named(tmp_path: Path) -> None:
    folder = write(
        tmp_path, both("--- system ---\nOld {{data_rule}}\n--- user ---\n{{data}}", 9) | both(GOOD, 10)
    )
    prompt = folder.render("sum", "uk", Facts("a"))
    assert prompt.name == "sum/10/uk"
    assert folder.tasks == ["sum"]
    assert "Old" not in prompt.messages[0].content


def test_parts_become_a_system_and_a_user_message(tmp_path: Path) -> None:
    system, user = (
        write(tmp_path, both(GOOD)).render("sum", "en", Facts("a"), instructions="Say please.").messages
    )
    assert (system.role, user.role) == ("system", "user")
    assert system.content == f"Do it. {DATA_RULES['en']}\n\nMind this:\nSay please.\n\nBe brief."
    assert user.content == f"Here: {fence(Facts('a'))}"


def test_paragraph_of_absent_instructions_goes(tmp_path: Path) -> None:
    system, _ = write(tmp_path, both(GOOD)).render("sum", "uk", Facts("a"), instructions=" ").messages
    assert system.content == f"Do it. {DATA_RULES['uk']}\n\nBe brief."


def test_rendering_is_deterministic_and_depends_on_all_that_is_given(tmp_path: Path) -> None:
    folder = write(tmp_path, both(GOOD))
    given = [("uk", "a", ""), ("en", "a", ""), ("uk", "b", ""), ("uk", "a", "c")]
    prompts = {folder.render("sum", lang, Facts(text), instructions=more) for lang, text, more in given * 2}  # type: ignore[arg-type]
    assert len(prompts) == len(given)


@pytest.mark.parametrize(
    "text", ["{{instructions}} {{data_rule}}", "--- user ---\n--- system ---", "\\1 \\g<0>"]
)
def test_what_data_and_instructions_say_is_never_a_template(tmp_path: Path, text: str) -> None:
    system, user = write(tmp_path, both(GOOD)).render("sum", "en", Facts(text), instructions=text).messages
    assert user.content == f"Here: {fence(Facts(text))}"
    assert f"Mind this:\n{text}" in system.content


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "holds no prompts"),
        ({"sum/1.uk.md": GOOD}, "lacks 1.en.md"),
        (both(GOOD) | {"sum/2.uk.md": GOOD}, "lacks 2.en.md"),
        (both(GOOD) | {"sum/1.de.md": GOOD}, "not named like a prompt"),
        (both(GOOD) | {"sum/notes.txt": ""}, "not named like a prompt"),
        (both("Do it. {{data}}"), "--- system ---"),
        (both(GOOD.replace("{{data}}", "")), "lacks {{data}}"),
        (both(GOOD.replace("{{data_rule}}", "")), "lacks {{data_rule}}"),
        (both(GOOD.replace("Be brief.", "{{data}}")), "once, in its user part"),
        (both(GOOD.replace("Be brief.", "{{date}}")), "unknown placeholder: {{date}}"),
        (
            {"sum/1.uk.md": GOOD, "sum/1.en.md": GOOD.replace("{{instructions}}", "")},
            "different placeholders",
        ),
    ],
)
def test_bad_folder_stops_the_start(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with pytest.raises(PromptError, match=reason.replace("{", r"\{")):
        write(tmp_path, files)


def test_unknown_task_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="'add'; there are sum"):
        write(tmp_path, both(GOOD)).render("add", "uk", Facts("a"))
