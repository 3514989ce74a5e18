"""Subjects that may be published to and subscribed to, and how such lists are put together."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grants:
    """What is permitted; nothing else is.

    Attributes:
        publish: Subjects that may be published to, `*` and `>` as NATS has them.
        subscribe: Subjects that may be subscribed to.
    """

    publish: frozenset[str] = frozenset()
    subscribe: frozenset[str] = frozenset()

    def __or__(self, other: "Grants") -> "Grants":
        return Grants(self.publish | other.publish, self.subscribe | other.subscribe)


def publishes(*subjects: str) -> Grants:
    """The right to publish to subjects."""
    return Grants(publish=frozenset(subjects))


def subscribes(*subjects: str) -> Grants:
    """The right to subscribe to subjects."""
    return Grants(subscribe=frozenset(subjects))


def together(grants: Iterable[Grants]) -> Grants:
    """All of them."""
    whole = Grants()
    for each in grants:
        whole |= each
    return whole
