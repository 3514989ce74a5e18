"""What a project becomes when a person makes or changes it: words without blanks and doubles. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from services.analysis.settling import clean_line
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import ChatRecord
from shared.contracts.projects import Component, PriorityRule

LARGEST_PROJECT = 64 * 1024
"""Bytes of all that a person writes of a project, as JSON: each of its runs keeps a copy."""

_USERNAME = re.compile(r"[A-Za-z0-9_]+")


def settle_project(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a project that were given, as they are kept.

    Args:
        values: By the names of `CreateProject`'s fields.

    Raises:
        QueryError: `invalid`, with the field and the place in it.
    """
    return {name: _SETTLE[name](value) if name in _SETTLE else value for name, value in values.items()}


def check_size(project: Mapping[str, Any], given: Collection[str]) -> None:
    """Refuse a project that is too large.

    Args:
        project: All its fields that a person writes.
        given: Those that were given now.

    Raises:
        QueryError: `invalid`, with the largest field of those given.
    """
    sizes = {name: len(msgspec.json.encode(value)) for name, value in project.items()}
    total = sum(sizes.values())
    if total > LARGEST_PROJECT:
        field = max(given, key=sizes.__getitem__)
        raise _invalid(
            field,
            f"The project would have {total:,} bytes, {sizes[field]:,} of them in `{field}`; "
            f"{LARGEST_PROJECT:,} are allowed.",
        )


def check_chats(chat_ids: Sequence[int], chats: Iterable[ChatRecord]) -> None:
    """Refuse chats that are not known here, by any id that they have had.

    Raises:
        QueryError: `invalid`, with the place.
    """
    known = {number for chat in chats for number in chat.ids}
    for place, chat_id in enumerate(chat_ids):
        if chat_id not in known:
            raise _invalid(f"chat_ids[{place}]", f"There is no chat {chat_id}.")


def _words(field: str, words: Iterable[str]) -> list[str]:
    """Words without blanks around them; of those that differ by case alone, the first."""
    settled: dict[str, str] = {}
    for place, word in enumerate(words):
        cleaned = clean_line(f"{field}[{place}]", word)
        settled.setdefault(cleaned.casefold(), cleaned)
    return list(settled.values())


def _mentions(given: Sequence[str]) -> list[str]:
    names = [name.strip().removeprefix("@") for name in given]
    for place, name in enumerate(names):
        if not _USERNAME.fullmatch(name):
            raise _invalid(
                f"mentions[{place}]", f"{given[place]!r} is no username: letters, digits and underscores."
            )
    return _words("mentions", names)


def _glossary(given: Mapping[str, str]) -> dict[str, str]:
    settled: dict[str, str] = {}
    known: set[str] = set()
    for word, meaning in given.items():
        place = f"glossary.{word.strip()}"
        cleaned = clean_line(place, word)
        if cleaned.casefold() in known:
            raise _invalid(place, f"The glossary explains {cleaned!r} twice.")
        if not meaning.strip():
            raise _invalid(place, f"The glossary does not say what {cleaned!r} means.")
        known.add(cleaned.casefold())
        settled[cleaned] = meaning.strip()
    return settled


def _components(given: Iterable[Component]) -> list[Component]:
    settled: list[Component] = []
    known: set[str] = set()
    for place, component in enumerate(given):
        name = clean_line(f"components[{place}].name", component.name)
        if name.casefold() in known:
            raise _invalid(f"components[{place}].name", f"Two components are named {name!r}.")
        known.add(name.casefold())
        keywords = _words(f"components[{place}].keywords", component.keywords)
        settled.append(Component(name=name, description=component.description.strip(), keywords=keywords))
    return settled


def _priority_rules(given: Iterable[PriorityRule]) -> list[PriorityRule]:
    return [
        PriorityRule(
            keywords=_words(f"priority_rules[{place}].keywords", rule.keywords), priority=rule.priority
        )
        for place, rule in enumerate(given)
    ]


_SETTLE: Mapping[str, Any] = {
    "name": lambda name: clean_line("name", name),
    "description": str.strip,
    "chat_ids": lambda numbers: list(dict.fromkeys(numbers)),
    "keywords": lambda words: _words("keywords", words),
    "mentions": _mentions,
    "glossary": _glossary,
    "components": _components,
    "priority_rules": _priority_rules,
}


def _invalid(field: str, message: str) -> QueryError:
    return QueryError("invalid", message, field=field)
