"""Field by field: what a change of a topic or an atom changes, and whether it still can."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import FieldChange

FIELDS: Mapping[EntityKind, tuple[str, ...]] = {
    "topic": ("name", "description", "icon", "colour"),
    "atom": ("type", "title", "content", "confidence", "topics"),
}
"""What a version can change, in the order in which a diff shows it. `topics` are ids."""


def changes_between(
    entity: EntityKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[FieldChange]:
    """What leads from one state to another; a field that `after` does not have stays as it is.

    Args:
        entity: What is changed.
        before: All fields as they are.
        after: Some or all fields as they shall be.

    Raises:
        ValueError: When `after` has a field that no version can change.
    """
    unknown = set(after) - set(FIELDS[entity])
    if unknown:
        raise ValueError(f"no version of a {entity} changes {', '.join(sorted(unknown))}")
    return [
        FieldChange(field=field, before=_plain(field, before[field]), after=_plain(field, after[field]))
        for field in FIELDS[entity]
        if field in after and _plain(field, before[field]) != _plain(field, after[field])
    ]


def outdated(changes: Sequence[FieldChange], present: Mapping[str, Any]) -> FieldChange | None:
    """The first change that can no longer be made, because its field has become something else since.

    A field that has become just what the change would make of it stands in nobody's way.
    """
    for change in changes:
        found = _plain(change.field, present[change.field])
        if found not in (_plain(change.field, change.before), _plain(change.field, change.after)):
            return change
    return None


def outcome(changes: Sequence[FieldChange]) -> dict[str, Any]:
    """The changed fields as they shall be."""
    return {change.field: change.after for change in changes}


def _plain(field: str, value: Any) -> Any:
    """A value as it compares: topics have no order."""
    return sorted(set(value)) if field == "topics" else value
