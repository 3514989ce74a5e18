"""What two texts have in common by their words, also across related languages. Pure."""

from functools import lru_cache

from shared.language.folding import words_of
from shared.language.stems import similarity, stem_of

_LIKE = 0.4
"""Trigrams that two stems share when they are forms of one word: `вивантаження`, `выгрузка` are not."""

_SHORTEST = 3
_GRAMMAR = """
але або адже без більше буде був була було бути вже від він вона вони все для досі еще ещё его если есть или
інші його коли куди лише між мене мати має мають над нам нас наш него нее нема ним них под поки при про раз
так там теж тим тих той тому треба тут туди тільки хто цей ця цього через чого чому што що щоб щось это этот
эти этого как когда который чтобы что они она надо нет нужно только тоже уже после перед где всі всех зараз
сейчас his her its the and are been but can for from had has have how not now off one our out she that them
then there they this was were what when which who will with you your
"""
_FUNCTION_WORDS = frozenset(_GRAMMAR.split())


@lru_cache(maxsize=4096)
def content_of(text: str) -> frozenset[str]:
    """The stems of what a text says, without words of grammar."""
    return frozenset(
        stem_of(word.folded)
        for word in words_of(text)
        if (len(word.folded) >= _SHORTEST and word.folded not in _FUNCTION_WORDS) or word.folded.isdigit()
    )


def overlap(one: str, other: str) -> float:
    """How much of the shorter text's words the longer one has, in whatever form, 0..1."""
    fewer, more = sorted((content_of(one), content_of(other)), key=len)
    return sum(_nearest(stem, more) for stem in fewer) / len(fewer) if fewer else 0.0


def growth(earlier: str, later: str) -> float:
    """How many times as much the later text says, by the number of its words."""
    return len(content_of(later)) / max(len(content_of(earlier)), 1)


def _nearest(stem: str, others: frozenset[str]) -> float:
    if stem in others:
        return 1.0
    best = max((similarity(stem, other) for other in others), default=0.0)
    return best if best >= _LIKE else 0.0
