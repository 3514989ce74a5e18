"""Prompts: readable files `<folder>/<task>/<version>.<language>.md`, the newest version in each language.

A file has two parts, each under a line of its own:

    --- system ---
    What the model is to do. {{data_rule}}

    {{instructions}}

    --- user ---
    {{data}}

`{{data}}` is the fenced data and `{{data_rule}}` what the model is told of the fence; both have to be there.
`{{instructions}}` is what the agent says beside the prompt; when that is nothing, its paragraph goes.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec

from shared.contracts.analysis import Language
from shared.llm.fencing import DATA_RULES, fence
from shared.llm.texts import without_surrogates

_LANGUAGES: tuple[Language, ...] = get_args(Language)
_FILE = re.compile(r"(?P<version>[1-9]\d{0,5})\.(?P<language>[a-z]{2})\.md")
_PARTS = re.compile(
    r"\A\s*--- system ---\n(?P<system>.+?)^--- user ---\n(?P<user>.+)\Z", re.DOTALL | re.MULTILINE
)
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_KNOWN = {"data", "data_rule", "instructions"}
_NEEDED = {"data", "data_rule"}


class PromptError(ValueError):
    """A prompt file is missing or cannot be used; says which, and what is wrong with it."""


class Message(msgspec.Struct, frozen=True):
    """One message of a prompt, as it is sent."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt.

    Attributes:
        name: Task, version and language, for example `extract_knowledge/1/uk`.
    """

    name: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Template:
    name: str
    system: str
    user: str

    @property
    def placeholders(self) -> set[str]:
        return set(_PLACEHOLDER.findall(self.system + self.user))


class PromptFolder:
    """A service's prompts, read and checked when this is made: at import, so that a bad one stops the start.

    Args:
        folder: Holds one folder a task.

    Raises:
        PromptError: When a file is missing, or does not suit.
    """

    def __init__(self, folder: Path) -> None:
        tasks = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        if not tasks:
            raise PromptError(f"{folder} holds no prompts: each is a folder named for its task.")
        self._templates = {task.name: _read_task(task) for task in tasks}

    @property
    def tasks(self) -> list[str]:
        """The tasks that have a prompt, by name."""
        return list(self._templates)

    def render(
        self, task: str, language: Language, data: msgspec.Struct, *, instructions: str = ""
    ) -> Prompt:
        """The newest version's messages, with the data fenced in. The same input gives the same text.

        Args:
            task: The prompt's folder.
            language: Of the prompt.
            data: What other people wrote and whatever goes with it.
            instructions: What the agent says beside the prompt.

        Raises:
            PromptError: When there is no such task.
        """
        templates = self._templates.get(task)
        if templates is None:
            raise PromptError(f"There is no prompt {task!r}; there are {', '.join(self._templates)}.")
        template = templates[language]
        said = without_surrogates(instructions).strip()
        values = {"data": fence(data), "data_rule": DATA_RULES[language], "instructions": said}
        return Prompt(
            template.name,
            (
                Message("system", _fill(template.system, values)),
                Message("user", _fill(template.user, values)),
            ),
        )


def _fill(part: str, values: dict[str, str]) -> str:
    paragraphs = re.split(r"\n{2,}", part.strip())
    kept = [each for each in paragraphs if values["instructions"] or "instructions" not in _names(each)]
    # One pass: what is filled in is never looked at for placeholders.
    return _PLACEHOLDER.sub(lambda found: values[found[1]], "\n\n".join(kept))


def _names(part: str) -> list[str]:
    return _PLACEHOLDER.findall(part)


def _read_task(folder: Path) -> dict[Language, _Template]:
    versions: dict[int, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        named = _FILE.fullmatch(path.name)
        if named is None or named["language"] not in _LANGUAGES:
            expected = ", ".join(f"1.{language}.md" for language in _LANGUAGES)
            raise PromptError(f"{path} is not named like a prompt: {expected}.")
        versions.setdefault(int(named["version"]), {})[named["language"]] = path
    if not versions:
        raise PromptError(f"{folder} holds no prompt.")
    for version, paths in versions.items():
        missing = [language for language in _LANGUAGES if language not in paths]
        if missing:
            raise PromptError(f"{folder} lacks {version}.{missing[0]}.md: each version has all languages.")
    newest = max(versions)
    templates = {
        language: _read(versions[newest][language], f"{folder.name}/{newest}/{language}")
        for language in _LANGUAGES
    }
    if len({frozenset(template.placeholders) for template in templates.values()}) > 1:
        raise PromptError(f"Version {newest} in {folder} has different placeholders in its languages.")
    return templates


def _read(path: Path, name: str) -> _Template:
    parts = _PARTS.match(path.read_text(encoding="utf-8"))
    if parts is None:
        raise PromptError(f"{path} needs a line `--- system ---`, a text, a line `--- user ---` and a text.")
    template = _Template(name, parts["system"], parts["user"])
    unknown = template.placeholders - _KNOWN
    if unknown:
        raise PromptError(f"{path} has an unknown placeholder: {{{{{min(unknown)}}}}}.")
    lacking = _NEEDED - template.placeholders
    if lacking:
        raise PromptError(f"{path} lacks {{{{{min(lacking)}}}}}.")
    if "data" not in _names(template.user) or _names(template.system + template.user).count("data") != 1:
        raise PromptError(f"{path} has to have {{{{data}}}} once, in its user part.")
    return template
