"""Does an answer repeat the prompt? Then a message talked the model into it, and it is no knowledge."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_LONGEST_CHANCE = 6
"""As many words in a row may be the same by chance."""

Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is not to be repeated, as runs of words whatever their case and punctuation."""

    runs: frozenset[Run]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Secrets":
        """The secrets that these texts are: the prompt, and what the agent is told beside it."""
        return cls(frozenset(run for text in texts for run in _runs(text)))

    def besides(self, said: Iterable[str]) -> "Secrets":
        """Without what stands in these texts, too: who quotes a message gives nothing away."""
        return Secrets(self.runs.difference(run for text in said for run in _runs(text)))

    def are_in(self, *texts: str) -> bool:
        """Whether one of these texts repeats something of them."""
        return any(run in self.runs for text in texts for run in _runs(text))


def _runs(text: str) -> Iterable[Run]:
    words = _WORD.findall(text.casefold())
    length = _LONGEST_CHANCE + 1
    return (tuple(words[place : place + length]) for place in range(len(words) - length + 1))
