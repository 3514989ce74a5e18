"""Batches as questions have them, for the tests of what is made of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.analysis.answers import Batch, ChatLine, GivenAtom, GivenLink, GivenProject, ProposedTask, Quote

SENT = datetime(2026, 10, 19, 7, tzinfo=UTC)
PEOPLE = ("Олена", "Тарас")


def lines(*said: str | tuple[str, str] | tuple[str, str, int]) -> list[ChatLine]:
    """Lines a minute apart: what is said; or who says what; or to which line as well.

    Two people take turns where nobody is named.
    """
    made = []
    for number, each in enumerate(said, start=1):
        author, text, reply_to = _line(each, PEOPLE[number % 2])
        sent_at = SENT + timedelta(minutes=number)
        made.append(
            ChatLine(number=number, chat="Каса", author=author, sent_at=sent_at, text=text, reply_to=reply_to)
        )
    return made


def given_atom(number: int, kind: Any, *quotes: tuple[int, str], **fields: Any) -> GivenAtom:
    """An atom that quotes lines; its title is the first quote."""
    given: dict[str, Any] = {"title": quotes[0][1], "confidence": 0.5, "approved": False, "topics": ["Черга"]}
    return GivenAtom(id=number, type=kind, quotes=list(quotes), **(given | fields))


def batch(
    said: Sequence[ChatLine],
    atoms: Sequence[GivenAtom] = (),
    links: Sequence[tuple[int, int, Any]] = (),
    **fields: Any,
) -> Batch:
    """A question about these lines."""
    given: dict[str, Any] = {"language": "uk", "project": GivenProject(name="Каса")}
    return Batch(
        lines=list(said),
        atoms=list(atoms),
        links=[GivenLink(source=source, target=target, type=kind) for source, target, kind in links],
        **(given | fields),
    )


def task(*quotes: tuple[int, str], **fields: Any) -> ProposedTask:
    """A proposal of a model's answer."""
    given: dict[str, Any] = {
        "title": "Обмежити довжину стріму",
        "description": "Стріми ростуть.",
        "category": "bug",
        "priority": "medium",
        "tags": [],
        "sub_tasks": [],
        "component": None,
        "confidence": 0.8,
        "reasoning": "Це сказано прямо.",
        "recommendation": "approve",
        "repeats": None,
        "details": None,
    }
    quoted = [Quote(message=number, text=text) for number, text in quotes]
    return ProposedTask(quotes=quoted, **(given | fields))


def _line(each: str | tuple[str, str] | tuple[str, str, int], author: str) -> tuple[str, str, int | None]:
    if isinstance(each, str):
        return author, each, None
    return (each[0], each[1], each[2]) if len(each) == 3 else (each[0], each[1], None)
