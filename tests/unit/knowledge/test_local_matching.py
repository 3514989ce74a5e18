"""Basic mode: what is known already, by words."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.knowledge.local_matching import match_atoms, match_topics
from services.knowledge.matches import AtomsToMatch, AtomText, Pair, TopicsToMatch, TopicText

AT = datetime(2026, 10, 5, tzinfo=UTC)
NOBODY: Any = None


def topic_known(found: str, known: str, similarity: float) -> bool:
    asked = TopicsToMatch(
        found=[TopicText(number=1, name=found, description="")],
        known=[TopicText(number=1, name=known, description="")],
        pairs=[Pair(found=1, known=1, similarity=similarity)],
    )
    (match,) = asyncio.run(match_topics(asked, NOBODY)).matches
    assert match.confidence <= 0.6
    return match.known == 1


@pytest.mark.parametrize(
    ("found", "known", "similarity", "expected"),
    [
        ("Сертифікати платіжного шлюзу", "шлюз: платіжний сертифікат", 0.5, True),
        ("Сертифікати платіжного шлюзу", "Сертифікат шлюзу оплати", 0.983, True),
        ("Сертифікати платіжного шлюзу", "Платіжний шлюз", 0.943, False),
        ("Сертифікати платіжного шлюзу", "Моніторинг сертифікатів", 0.99, False),
        ("Збірка 611", "Збірка 612", 0.98, False),
    ],
)
def test_topics_are_one_by_their_words_and_nearness(
    found: str,
    known: str,
    similarity: float,
    expected: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert topic_known(found, known, similarity) is expected


def atom_text(number: int, content: str, kind: Any = "problem") -> AtomText:
    return AtomText(number=number, type=kind, title=content[:50], content=content, said_at=AT)


def atoms_known(found: str, *known: str, kind: Any = "problem") -> list[int]:
    asked = AtomsToMatch(
        found=[atom_text(1, found)],
        known=[atom_text(number, content, kind) for number, content in enumerate(known, start=1)],
        pairs=[Pair(found=1, known=number, similarity=0.99) for number in range(1, len(known) + 1)],
    )
    matches = asyncio.run(match_atoms(asked, NOBODY)).matches
    assert all(match.relation == "same" and match.confidence <= 0.6 for match in matches)
    return [match.known for match in matches]


def test_same_words_in_another_order_and_form_are_the_same() -> None:
    assert atoms_known("Обробник падає, черга стоїть.", "Черги стоять, обробники падають") == []
    assert atoms_known("Обробник падає, черга стоїть.", "черга стоїть, ОБРОБНИК падає") == [1]


@pytest.mark.parametrize(
    "other",
    [
        "Build 612 crashes at launch",
        "Build 611 never crashes at launch",
        "Build 611 crashes at login",
        "Build 611 crashes at launch on Android",
    ],
)
def test_another_number_denial_or_word_is_another_atom(other: str) -> None:
    assert atoms_known("Build 611 crashes at launch", other) == []


def test_another_type_is_another_atom() -> None:
    assert atoms_known("Черга стоїть годину", "Черга стоїть годину", kind="insight") == []


def test_one_found_atom_is_one_known_atom_at_most() -> None:
    assert atoms_known("Черга стоїть годину", "Черга стоїть годину", "годину стоїть черга") == [1]
