"""Which messages belong together: conversations by chat, thread and silence, and which of them to take.

Pure. A message here is a `Mark`: where and when it was said, not what.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Mark:
    """Where and when a message was said.

    Attributes:
        waits: Knowledge is to be taken from it. Others (noise, what was extracted before, what another
            extraction holds) only show that a conversation went on.
    """

    message_id: int
    chat_id: int
    thread_id: int | None
    sent_at: datetime
    waits: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """A conversation: what was said in one chat and thread between two silences, in the order sent."""

    marks: tuple[Mark, ...]

    @property
    def waiting(self) -> tuple[Mark, ...]:
        """What of it waits."""
        return tuple(mark for mark in self.marks if mark.waits)

    def has_ended(self, now: datetime, silence: timedelta) -> bool:
        """Whether nothing was said for so long that it is over."""
        return now - self.marks[-1].sent_at >= silence


def stretches(marks: Iterable[Mark], silence: timedelta) -> list[Stretch]:
    """The conversations that these messages make, those that began first in front.

    Args:
        marks: In any order.
        silence: As long a pause in a chat's thread ends a conversation.
    """
    ordered = sorted(marks, key=lambda mark: (*_place(mark), mark.sent_at, mark.message_id))
    found = [
        Stretch(tuple(part)) for _, said in groupby(ordered, key=_place) for part in _split(said, silence)
    ]
    return sorted(found, key=lambda stretch: (stretch.marks[0].sent_at, stretch.marks[0].message_id))


def choose(
    found: Sequence[Stretch], *, now: datetime, silence: timedelta, threshold: int, most: int
) -> list[Mark]:
    """Which of the waiting messages one extraction takes; none while too few wait.

    Whole conversations that have ended come first, the oldest in front, as many as fit. When they are too
    few, conversations that still go on are taken as well, and when even whole ones are too few, the beginning
    of one that does not fit.

    Args:
        found: Conversations, the oldest first.
        now: The time.
        silence: After which a conversation has ended.
        threshold: Messages that must wait.
        most: Messages to take at the most.
    """
    open_ones = [stretch for stretch in found if stretch.waiting]
    if sum(len(stretch.waiting) for stretch in open_ones) < threshold:
        return []
    ended = [stretch for stretch in open_ones if stretch.has_ended(now, silence)]
    going_on = [stretch for stretch in open_ones if not stretch.has_ended(now, silence)]
    taken: list[Mark] = []
    left: list[Stretch] = []
    for enough, candidates in ((most, ended), (threshold, going_on)):
        for stretch in candidates:
            if len(taken) >= enough:
                break
            if len(taken) + len(stretch.waiting) <= most:
                taken += stretch.waiting
            else:
                left.append(stretch)
    if len(taken) < threshold and left:
        taken += left[0].waiting[: most - len(taken)]
    return taken


def batches(found: Iterable[Stretch], most: int) -> Iterator[list[Mark]]:
    """All waiting messages in batches, in order; a conversation is cut only when it does not fit into one."""
    batch: list[Mark] = []
    for stretch in found:
        waiting = list(stretch.waiting)
        if batch and len(batch) + len(waiting) > most:
            yield batch
            batch = []
        while len(waiting) > most:
            yield waiting[:most]
            waiting = waiting[most:]
        batch += waiting
    if batch:
        yield batch


def first_part(lengths: Sequence[int], most: int) -> int:
    """How many messages from the front make up one question: as many as stay within `most` characters.

    Args:
        lengths: Characters of each message, in order.
        most: Characters of all; a first message that is longer goes alone.
    """
    total = 0
    for count, length in enumerate(lengths):
        total += length
        if count and total > most:
            return count
    return len(lengths)


def _place(mark: Mark) -> tuple[int, bool, int]:
    return mark.chat_id, mark.thread_id is not None, mark.thread_id or 0


def _split(said: Iterable[Mark], silence: timedelta) -> Iterator[list[Mark]]:
    part: list[Mark] = []
    for mark in said:
        if part and mark.sent_at - part[-1].sent_at >= silence:
            yield part
            part = []
        part.append(mark)
    if part:
        yield part
