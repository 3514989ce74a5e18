"""What is read together: conversations by chat, thread and silence, at most so many messages a batch. Pure.

Messages come one by one in the order sent, and only what is still open is held: a window of any length needs
as much memory as the conversations that go on at one moment, and one unfinished batch a chat.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOST_MESSAGES = 50
SILENCE = timedelta(minutes=30)

Place = tuple[int, int | None]
"""A chat and, where it has such, a thread of it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where and when a message was said."""

    message_id: int
    place: Place
    sent_at: datetime


def most_batches(messages: int, chats: int) -> int:
    """As many batches as so many messages of so many chats come to at the most.

    Of two batches of a chat that follow each other, the second one begins with what the first had no room
    for: together they have more messages than fit into one.
    """
    return min(messages, 2 * messages // (MOST_MESSAGES + 1) + chats)


@dataclass(slots=True)
class _Open:
    """A conversation that may go on."""

    ids: list[int]
    last_at: datetime


@dataclass(slots=True)
class Batcher:
    """Puts messages that come in the order sent into batches.

    A conversation is of one place and ends with a silence. Small ones of the same chat follow each other into
    one batch; what is too long for one is cut.
    """

    _open: dict[Place, _Open] = field(default_factory=dict)
    _waiting: dict[int, list[int]] = field(default_factory=dict)

    def add(self, mark: Mark) -> Iterator[list[int]]:
        """Take a message in; yields the batches that are full by that."""
        yield from self._end_before(mark.sent_at - SILENCE)
        talk = self._open.setdefault(mark.place, _Open([], mark.sent_at))
        talk.ids.append(mark.message_id)
        talk.last_at = mark.sent_at
        if len(talk.ids) == MOST_MESSAGES:
            yield from self._let_go(mark.place[0])
            yield self._open.pop(mark.place).ids

    def rest(self) -> Iterator[list[int]]:
        """The batches that are left, when there are no more messages."""
        for place in list(self._open):
            yield from self._end(place)
        for chat_id in list(self._waiting):
            yield from self._let_go(chat_id)

    def _end_before(self, time: datetime) -> Iterator[list[int]]:
        ended = [place for place, talk in self._open.items() if talk.last_at <= time]
        for place in ended:
            yield from self._end(place)

    def _end(self, place: Place) -> Iterator[list[int]]:
        """End a conversation: it joins those of its chat that wait, where there is room."""
        ids, chat_id = self._open.pop(place).ids, place[0]
        if len(self._waiting.get(chat_id, ())) + len(ids) > MOST_MESSAGES:
            yield from self._let_go(chat_id)
        self._waiting.setdefault(chat_id, []).extend(ids)

    def _let_go(self, chat_id: int) -> Iterator[list[int]]:
        waiting = self._waiting.pop(chat_id, None)
        if waiting:
            yield waiting
