"""Chat that reads like chat and never ends: words follow each other as in real conversations."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

_HERE = Path(__file__).parent
_STRAY = 0.1
_REFERENCE = 0.1
_LENGTH, _SPREAD, _SHORTEST = 2.6, 0.6, 4


def chatter(count: int, seed: int = 1) -> Iterator[str]:
    """So many messages of 4 to some 80 words, the same for the same seed; every tenth names a task.

    Words and their frequencies are those of the sample chats of this repository, so that common words are as
    common and rare ones as rare as in a team's chat.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    lines = [line for line in map(str.split, _lines()) if len(line) >= _SHORTEST]
    following: dict[str, list[str]] = {}
    for line in lines:
        for word, after in pairwise(line):
            following.setdefault(word, []).append(after)
    words = [word for line in lines for word in line]
    for _ in range(count):
        said = [dice.choice(lines)[0]]
        length = max(_SHORTEST, int(dice.lognormvariate(_LENGTH, _SPREAD)))
        while len(said) < length:
            strays = said[-1] not in following or dice.random() < _STRAY
            said.append(dice.choice(words if strays else following[said[-1]]))
        if dice.random() < _REFERENCE:
            said.insert(dice.randrange(len(said)), f"T-{dice.randrange(10_000)}")
        yield " ".join(said)


def _lines() -> Iterator[str]:
    for path in sorted((_HERE / "knowledge" / "development").glob("*.json")):
        yield from (message["text"] for message in json.loads(path.read_text())["messages"])
    yield from (message["text"] for message in json.loads((_HERE / "search" / "corpus.json").read_text()))
