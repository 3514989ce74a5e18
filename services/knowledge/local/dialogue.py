"""A conversation as turns: who answers whom, who agrees, who is a machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from services.knowledge.answers import ChatLine
from services.knowledge.local.cues import Cue, find_cues, past_openers
from services.knowledge.local.sentences import LONGEST_SENTENCE, Sentence, sentences
from services.knowledge.local.words import Word, words

ANSWERED_WITHIN = timedelta(minutes=20)
"""A message without a reply link answers the last one of another person that is not older than this."""

SMILE, JEST = 1, 2

_MACHINE_NAME = re.compile(
    r"(?:^|[\s_.-])(?:ci|cd|bot|бот|jenkins|grafana|sentry|zabbix|prometheus|alertmanager|alerts?|github|gitlab"
    r"|jira|teamcity|datadog|pagerduty|statuspage|uptime\w*|webhook|notifier|monitoring|моніторинг|мониторинг)"
    r"(?:$|[\s_.-])|\w{2}bot$",
    re.IGNORECASE,
)
_MACHINE_TEXT = re.compile(
    r"\s{0,8}\W{0,8}(?:build|pipeline|job|main|master|deploy\w*|merge request|pull request|commit)\b.{0,60}"
    r"(?:#\d+|![0-9]+|\b\d+\.\d+\.\d+).{0,60}"
    r"(?:passed|failed|success|succeeded|finished|merged|approved|opened|closed|deployed)"
    r"|\s{0,8}\W{0,8}\[?(?:FIRING|RESOLVED|ALERT)\b[:\]]?\s"
)
_CLOSING = "\"»”)' "
_SERVICE = re.compile(r"\s{0,8}\[[^\]\n]{1,40}\]\s{0,8}\Z|\s{0,8}https?://\S{1,2000}\s{0,8}\Z")
_LAUGHTER = re.compile(r"[😂🤣😹🙃🙄🤡😏😜🤪😝💀🤷🤦😆]|\){3,}")
_MILD = re.compile(r"[😅😁😄🙂😉😈🎪🎲]|\){2,}")


@dataclass(frozen=True)
class Unit:
    """A sentence of a turn, with its words and the cues in it."""

    turn: int
    sentence: Sentence
    words: tuple[Word, ...]
    cues: tuple[Cue, ...]
    asks: bool

    @cached_property
    def spoken(self) -> str:
        """The sentence without words that only lead on from what was said: what its vector is made of."""
        skipped = past_openers(self.words)
        return (
            self.sentence.text[self.words[skipped].start :]
            if 0 < skipped < len(self.words)
            else self.sentence.text
        )

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words that carry matter."""
        return tuple(word for word in self.words if is_content(word))

    def has(self, kind: str, *, at_least: float = 0.0) -> bool:
        """Whether a cue of a kind is in it."""
        return any(cue.kind == kind and cue.weight >= at_least for cue in self.cues)


@dataclass(frozen=True)
class Turn:
    """One message.

    Attributes:
        parent: The place of the turn that it answers, or None.
        linked: The author said so with a reply, it is no guess.
        laughter: 0, `SMILE` for one that could be any, `JEST` for what is not meant.
        machine: Written by a program.
    """

    index: int
    line: ChatLine
    units: tuple[Unit, ...]
    parent: int | None
    linked: bool
    laughter: int
    machine: bool

    @property
    def content(self) -> int:
        """How many words of matter it has."""
        return sum(len(unit.content) for unit in self.units)

    @property
    def spoken(self) -> str:
        """All its sentences, the first as it is spoken: what its own vector is made of."""
        if not self.units:
            return ""
        first, last = self.units[0], self.units[-1].sentence
        start = first.sentence.end - len(first.spoken)
        return self.line.text[start : min(last.end, start + LONGEST_SENTENCE)]

    def opens_with(self, kind: str) -> bool:
        """Whether its first sentence has a cue of a kind."""
        return bool(self.units) and self.units[0].has(kind)

    def has(self, kind: str) -> bool:
        """Whether any of its sentences has a cue of a kind."""
        return any(unit.has(kind) for unit in self.units)


def is_content(word: Word) -> bool:
    """Whether a word carries matter: no grammar, no number, nobody's name with an at-sign."""
    return not word.marks & {"function", "number", "mention", "link", "tag"} and len(word.text) > 1


def turns(lines: Sequence[ChatLine]) -> list[Turn]:
    """The messages of a conversation, each with what it answers."""
    by_number = {line.number: index for index, line in enumerate(lines)}
    made: list[Turn] = []
    for index, line in enumerate(lines):
        replied = by_number.get(line.reply_to) if line.reply_to is not None else None
        if replied is not None and replied >= index:
            replied = None
        made.append(
            Turn(
                index=index,
                line=line,
                units=_units(index, line.text),
                parent=_answered(lines, index) if replied is None else replied,
                linked=replied is not None,
                laughter=JEST if _LAUGHTER.search(line.text) else SMILE if _MILD.search(line.text) else 0,
                machine=_is_machine(line),
            )
        )
    return made


def _units(turn: int, text: str) -> tuple[Unit, ...]:
    """The sentences of a message; what its hashtags say, they say of each."""
    parts = [(sentence, words(sentence.text)) for sentence in sentences(text)]
    tags = tuple(word for _, found in parts for word in found if "tag" in word.marks)
    said = [(sentence, found) for sentence, found in parts if any("tag" not in word.marks for word in found)]
    return tuple(
        Unit(turn, sentence, found, (*find_cues(found), *find_cues(tags)), _asks(sentence, text))
        for sentence, found in said
    )


def _asks(sentence: Sentence, text: str) -> bool:
    return (
        sentence.text.rstrip(_CLOSING).endswith("?") or text[sentence.end : sentence.end + 2].strip() == "?"
    )


def _answered(lines: Sequence[ChatLine], index: int) -> int | None:
    line = lines[index]
    for before in range(index - 1, max(index - 4, -1), -1):
        other = lines[before]
        if line.sent_at - other.sent_at > ANSWERED_WITHIN:
            return None
        if other.author != line.author and not _is_machine(other):
            return before
    return None


def _is_machine(line: ChatLine) -> bool:
    return bool(
        _MACHINE_NAME.search(line.author) or _MACHINE_TEXT.match(line.text) or _SERVICE.match(line.text)
    )
