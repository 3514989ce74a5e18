"""The batch as a talk: who answers whom, what follows, and what it comes to. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from services.analysis.answers import ChatLine
from services.analysis.local.cues_work import DONE, NOT_YET
from services.analysis.local.sentences import sentences
from shared.language.folding import words_of
from shared.language.stems import stem_of

_SILENCE = timedelta(minutes=10)
"""What is said later than this after a line does not answer it, unless it says so."""

_NEXT = 3
"""Lines after one that may answer it without saying so."""

_FAR = timedelta(days=5)
_STEPS = 5
_SHORTEST_STEM = 4
_ENOUGH_COMMON = 3


class Talk:
    """Lines of a batch, with what each answers and what came after it.

    A line answers the one that it replies to; else, within ten minutes, the last line of somebody else in
    the same chat and thread.
    """

    def __init__(self, lines: Sequence[ChatLine]) -> None:
        self.lines = {line.number: line for line in lines}
        self._parents: dict[int, int] = {}
        self._answers: dict[int, list[int]] = defaultdict(list)
        recent: dict[tuple[str, int | None], list[ChatLine]] = defaultdict(list)
        for line in lines:
            before = recent[line.chat, line.thread]
            parent = line.reply_to if line.reply_to in self.lines else _said_to(line, before)
            if parent is not None:
                self._parents[line.number] = parent
                self._answers[parent].append(line.number)
            before.append(line)

    def parent(self, number: int) -> int | None:
        """The line that a line answers."""
        return self._parents.get(number)

    def answers(self, number: int) -> list[ChatLine]:
        """The lines of other people that answer a line, in order."""
        author = self.lines[number].author
        return [self.lines[each] for each in self._answers[number] if self.lines[each].author != author]

    def is_done_after(self, number: int, said: str) -> bool:
        """Whether a later line says that what was said in a line is done, or works.

        Either it follows from the line, and is said by who said it or answered it; or it speaks of the same.
        """
        line = self.lines[number]
        who = {line.author, *(each.author for each in self.answers(number))}
        following = self._following(number) | {number}
        return any(
            later.number > number
            and (later.chat, later.thread) == (line.chat, line.thread)
            and later.sent_at - line.sent_at <= _FAR
            and says_done(later.text)
            and self._is_about(later, said, who, following)
            for later in self.lines.values()
        )

    def _is_about(self, later: ChatLine, said: str, who: set[str], following: set[int]) -> bool:
        """Whether a later line speaks of what was said: it answers, or has words in common."""
        common = len(stems(later.text) & stems(said))
        if later.author in who and (later.number in following or common):
            return True
        return later.reply_to in following or common >= _ENOUGH_COMMON

    def _following(self, number: int) -> set[int]:
        """The lines that answer a line, those that answer these, and so on, a few steps."""
        found: set[int] = set()
        latest = [number]
        for _ in range(_STEPS):
            latest = [answer for each in latest for answer in self._answers[each] if answer not in found]
            found.update(latest)
        return found


def says_done(text: str) -> bool:
    """Whether a text says in one of its sentences that something is done; a question does not."""
    return "✅" in text or any(
        DONE.are_in(sentence) and not NOT_YET.are_in(sentence) and not sentence.rstrip(" )").endswith("?")
        for sentence in sentences(text)
    )


@lru_cache(maxsize=1 << 10)
def stems(text: str) -> frozenset[str]:
    """The stems of a text's longer words, its figures and acronyms: what texts about one thing share."""
    return frozenset(
        stem_of(word.folded)
        for word in words_of(text)
        if len(word.folded) >= _SHORTEST_STEM
        or not word.folded.isalpha()
        or (len(word.folded) > 1 and text[word.start : word.end].isupper())
    )


def _said_to(line: ChatLine, before: Sequence[ChatLine]) -> int | None:
    """The last line of somebody else among the last few, when that was not long ago."""
    for earlier in reversed(before[-_NEXT:]):
        if line.sent_at - earlier.sent_at > _SILENCE:
            return None
        if earlier.author != line.author:
            return earlier.number
    return None
