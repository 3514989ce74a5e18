"""What a version changes, field by field, and whether it still can."""

from typing import Any

import pytest

from services.knowledge.diffs import changes_between, outcome, outdated
from shared.contracts.revisions import FieldChange

TOPIC = {"name": "Реліз", "description": "Коли і як", "icon": "🚀", "colour": "#112233"}
ATOM = {
    "type": "decision",
    "title": "Реліз у четвер",
    "content": "Переносимо",
    "confidence": 0.8,
    "topics": [3, 1],
}


def change(field: str, before: Any, after: Any) -> FieldChange:
    return FieldChange(field=field, before=before, after=after)


def test_only_what_differs_is_in_a_diff_in_the_order_of_the_fields() -> None:
    after = {"colour": "#000000", "icon": "🚀", "name": "Реліз у четвер"}
    assert changes_between("topic", TOPIC, after) == [
        change("name", "Реліз", "Реліз у четвер"),
        change("colour", "#112233", "#000000"),
    ]


def test_what_is_not_given_stays() -> None:
    assert changes_between("topic", TOPIC, {}) == []


def test_every_field_of_an_atom_can_change() -> None:
    after = {"type": "insight", "title": "б", "content": "в", "confidence": 0.9, "topics": [2]}
    fields = [each.field for each in changes_between("atom", ATOM, after)]
    assert fields == ["type", "title", "content", "confidence", "topics"]


@pytest.mark.parametrize(
    ("topics", "changes"),
    [([1, 3], []), ([3, 1, 3], []), ([1], [change("topics", [1, 3], [1])])],
)
def test_topics_have_no_order(topics: list[int], changes: list[FieldChange]) -> None:
    assert changes_between("atom", ATOM, {"topics": topics}) == changes


def test_a_field_that_no_version_changes_is_refused() -> None:
    with pytest.raises(ValueError, match="no version of a topic changes status"):
        changes_between("topic", TOPIC, {"status": "approved"})


def test_a_change_is_outdated_when_its_field_became_something_else() -> None:
    changes = [change("icon", "🚀", "⛵"), change("name", "Випуск", "Реліз у четвер")]
    assert outdated(changes, TOPIC) == changes[1]


def test_a_change_holds_while_its_field_is_what_it_was() -> None:
    assert outdated([change("name", "Реліз", "Випуск")], TOPIC) is None


def test_a_field_that_became_just_what_it_should_is_not_in_the_way() -> None:
    assert outdated([change("name", "Випуск", "Реліз")], TOPIC) is None


def test_what_else_changed_does_not_matter() -> None:
    assert outdated([change("title", "Реліз у четвер", "б")], ATOM | {"content": "інше"}) is None


def test_topics_in_another_order_are_the_same_topics() -> None:
    assert outdated([change("topics", [1, 3], [1])], ATOM) is None


def test_the_outcome_is_the_changed_fields() -> None:
    assert outcome([change("name", "Реліз", "Випуск"), change("icon", "🚀", "⛵")]) == {
        "name": "Випуск",
        "icon": "⛵",
    }
