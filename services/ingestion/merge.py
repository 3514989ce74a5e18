"""How what several roads tell of one message becomes one row, in whatever order it comes.

Every rule here is a join: commutative, associative and idempotent. So the rows are the same after any
sequence of webhooks, exports and histories, each as often as it likes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Any, TypeVar

import msgspec

Comparable = TypeVar("Comparable", int, str)


class Road(IntFlag):
    """By which roads a message came: one bit each."""

    WEBHOOK = 1
    EXPORT = 2
    HISTORY = 4


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says at one time; its versions are ordered by when they were written.

    Attributes:
        written_at: When it was sent, or edited into this.
        content_hash: Decides between two contents of the same second.
    """

    written_at: datetime
    content_hash: bytes
    kind: str
    text: str
    has_text: bool
    entities: list[Any]

    @property
    def order(self) -> tuple[datetime, bytes]:
        """The greater is the later version; equal means the same one."""
        return (self.written_at, self.content_hash)


@dataclass(frozen=True, slots=True)
class Facts:
    """What never changes about a message, as far as it is known."""

    author_id: int | None
    sender_chat_id: int | None
    reply_to_message_id: int | None
    thread_id: int | None
    media_group_id: str | None
    forward: dict[str, Any] | None
    service_action: str | None
    roads: int


@dataclass(frozen=True, slots=True)
class Known:
    """A message as it stands: present content, and facts."""

    sent_at: datetime
    content: Content
    facts: Facts


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome.

    Attributes:
        known: How the message stands from now on.
        earlier: A content to keep as an earlier version, if any.
        changed: Whether the row must be written.
        text_changed: Whether the present text is another than before.
    """

    known: Known
    earlier: Content | None
    changed: bool
    text_changed: bool


def merge(standing: Known, incoming: Known) -> Merged:
    """Join what is known of a message with what just came of it."""
    earlier, later = sorted((standing.content, incoming.content), key=_full_order)
    known = Known(min(standing.sent_at, incoming.sent_at), later, join_facts(standing.facts, incoming.facts))
    return Merged(
        known=known,
        earlier=earlier if earlier.order != later.order else None,
        changed=known != standing,
        text_changed=later.content_hash != standing.content.content_hash,
    )


def _full_order(content: Content) -> tuple[datetime, bytes, str, bytes]:
    """Decides also between roads that mark the same text differently."""
    return (*content.order, content.kind, msgspec.json.encode(content.entities, order="sorted"))


def join_facts(one: Facts, other: Facts) -> Facts:
    """Each fact that either knows; where roads disagree, the greater value, or the forward that says more."""
    return Facts(
        author_id=_greater(one.author_id, other.author_id),
        sender_chat_id=_greater(one.sender_chat_id, other.sender_chat_id),
        reply_to_message_id=_greater(one.reply_to_message_id, other.reply_to_message_id),
        thread_id=_greater(one.thread_id, other.thread_id),
        media_group_id=_greater(one.media_group_id, other.media_group_id),
        forward=_richer(one.forward, other.forward),
        service_action=_greater(one.service_action, other.service_action),
        roads=one.roads | other.roads,
    )


def _greater(one: Comparable | None, other: Comparable | None) -> Comparable | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _richer(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    if not one or not other:
        return one or other
    return max(one, other, key=lambda forward: (len(forward), msgspec.json.encode(forward, order="sorted")))


def later_name(
    known: str | None, told: str | None, *, known_until: datetime | None, seen_at: datetime
) -> str | None:
    """The name that the latest message tells; of two from the same second, the greater.

    Args:
        known: The name as it stands.
        told: The name that a message tells; None when it tells none.
        known_until: When the latest message that is stored was sent; what stands is its name.
        seen_at: When the telling message was sent.
    """
    if known is None or told is None:
        return told if known is None else known
    if known_until is None or seen_at > known_until:
        return told
    return max(known, told) if seen_at == known_until else known
