"""What a text is about, as words: for comparing texts without vectors."""

from functools import lru_cache

from services.knowledge.local.words import words

_SHORTEST_STEM = 4


@lru_cache(maxsize=1 << 12)
def content_words(text: str) -> frozenset[str]:
    """The dictionary forms of the words that carry matter; one form of each, where it could be several.

    Numbers, links, mentions and words of grammar (`function_words`) are left out.
    """
    return frozenset(
        min(word.lemmas, key=lambda lemma: (len(lemma), lemma)) if word.lemmas else word.text
        for word in words(text)
        if not word.marks & {"function", "number", "mention", "link", "tag", "other"} and len(word.text) > 1
    )


def overlap(one: str, other: str) -> float:
    """How many content words two texts share, of those of the shorter one: 0..1; 0 when either has none.

    Long words count as the same when one begins with the other's first four fifths, so that related words in
    Ukrainian and Russian (`постачальник`, `поставщик` apart) and forms no dictionary has still meet.
    """
    first, second = content_words(one), content_words(other)
    if not first or not second:
        return 0.0
    shorter, longer = sorted((first, second), key=len)
    return sum(is_among(word, longer) for word in sorted(shorter)) / len(shorter)


def is_among(word: str, others: frozenset[str]) -> bool:
    """Whether a word, or a form of it that no dictionary joined, is among others."""
    if word in others:
        return True
    stem = word[: max(_SHORTEST_STEM, len(word) * 4 // 5)]
    return len(word) > _SHORTEST_STEM and any(
        other.startswith(stem) and abs(len(other) - len(word)) <= len(word) // 3 for other in others
    )
