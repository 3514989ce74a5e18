"""What searches are narrowed to, as SQL."""

from dataclasses import dataclass, field
from typing import Any

from services.embedding.wanted import Wanted
from shared.contracts.embedding import ItemKind


@dataclass(slots=True)
class Conditions:
    """Conditions to be joined by AND, and their parameters.

    Attributes:
        narrow: Whether they leave out more than what is never found.
    """

    kind: ItemKind
    narrow: bool = False
    parts: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def add(self, part: str, name: str, value: object) -> None:
        """Add a condition with one parameter."""
        self.parts.append(part)
        self.parameters[name] = value
        self.narrow = True

    @property
    def sql(self) -> str:
        """All of them."""
        return " AND ".join(self.parts) or "true"


def conditions_on(kind: ItemKind, wanted: Wanted, alias: str) -> Conditions:
    """The conditions on a row.

    Args:
        kind: Which items.
        wanted: What is searched for.
        alias: Of the table that has the columns; for messages their vectors or their texts, else their texts.
    """
    found = Conditions(kind)
    if kind == "message":
        _on_messages(found, wanted, alias)
        key, at = ("item_id" if alias == "v" else "message_id"), "sent_at"
    else:
        _on_knowledge(found, wanted, alias)
        key, at = "item_id", "at"
    if wanted.since is not None:
        found.add(f"{alias}.{at} >= :since", "since", wanted.since)
    if wanted.until is not None:
        found.add(f"{alias}.{at} < :until", "until", wanted.until)
    if wanted.exclude_ids:
        found.parts.append(f"{alias}.{key} <> ALL(CAST(:exclude_ids AS bigint[]))")
        found.parameters["exclude_ids"] = list(wanted.exclude_ids)
    return found


def _on_messages(found: Conditions, wanted: Wanted, alias: str) -> None:
    if wanted.chat_ids is not None:
        part = f"{alias}.chat_id = ANY(CAST(:chat_ids AS bigint[]))"
        found.add(part, "chat_ids", list(wanted.chat_ids))
    if wanted.author_id is not None:
        found.add(f"{alias}.author_id = :author_id", "author_id", wanted.author_id)
    if wanted.message_class is not None:
        found.add(f"{alias}.message_class = :message_class", "message_class", wanted.message_class)
    elif not wanted.include_noise and alias == "t":
        # What is noise has no vector: only texts need to be told apart.
        found.parts.append("t.message_class <> 'noise'")


def _on_knowledge(found: Conditions, wanted: Wanted, alias: str) -> None:
    found.parts += [f"{alias}.kind = '{found.kind}'", f"NOT {alias}.hidden"]
    if wanted.chat_ids is not None:
        part = f"{alias}.chat_ids && CAST(:chat_ids AS bigint[])"
        found.add(part, "chat_ids", list(wanted.chat_ids))
    if wanted.author_id is not None:
        found.add(f"{alias}.author_ids @> ARRAY[CAST(:author_id AS bigint)]", "author_id", wanted.author_id)
    if wanted.atom_types is not None:
        part = f"{alias}.atom_type = ANY(CAST(:atom_types AS text[]))"
        found.add(part, "atom_types", list(wanted.atom_types))
