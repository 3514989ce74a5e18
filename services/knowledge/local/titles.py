"""Headlines out of sentences: a piece of the sentence, word for word, that fits on a line."""

import re

from services.knowledge.local.cues import past_discourse
from services.knowledge.local.words import words

LONGEST_TITLE = 90
"""Characters."""

_SHORTEST = 45
_CLAUSE_END = re.compile(r"[;:](?=\s)|\s[–—-](?=\s)|\.(?=\s)|,(?=\s)")
_DANGLING = re.compile(r"[\s,;:.–—\-(«“/&+]+\Z")
_TAGS = re.compile(r"(?:\s*#[^\W\d]\w{1,40})+\s*\Z")
_PAIRS = (("«", "»"), ("(", ")"), ("“", "”"), ('"', '"'))


def title(sentence: str) -> str:
    """At most `LONGEST_TITLE` characters of a sentence, cut where a clause or at least a word ends.

    Words that only lead on from what was said before ("so", "ну от") are left out at the beginning, hashtags
    at the end. White space is folded.
    """
    text = _TAGS.sub("", sentence) or sentence
    found = words(text)
    skipped = past_discourse(found)
    if 0 < skipped < len(found) - 1:
        text = text[found[skipped].start :]
    text = " ".join(text.split())
    if len(text) <= LONGEST_TITLE:
        return _closed(_DANGLING.sub("", text)) or text
    return _cut(text)


def settled_title(asked: str, settled: str) -> str:
    """A question and what settled it in a few words, when both fit on a line; else the question."""
    first = title(asked)
    between = " " if first.endswith(("?", "!")) else " — "
    both = _DANGLING.sub("", " ".join(f"{first}{between}{settled}".split()))
    return both if len(both) <= LONGEST_TITLE else first


def opening(sentence: str, most: int) -> str:
    """The first words of a sentence, so many at most; two or more without words of grammar at the end."""
    whole = " ".join(sentence.split()[:most])
    short = _without_function_words(whole)
    return _DANGLING.sub("", short if " " in short else whole).rstrip("?!") or whole


def _cut(text: str) -> str:
    ends = [match.start() for match in _CLAUSE_END.finditer(text, _SHORTEST, LONGEST_TITLE)]
    head = (
        text[: ends[-1]]
        if ends
        else text[: text.rfind(" ", 1, LONGEST_TITLE + 1)]
        if " " in text[:LONGEST_TITLE]
        else ""
    )
    if not ends:
        head = _without_function_words(head)
    return _closed(_DANGLING.sub("", head)) or text[:LONGEST_TITLE]


def _without_function_words(head: str) -> str:
    found = words(head)
    end = len(found)
    while end > 1 and "function" in found[end - 1].marks:
        end -= 1
    return head[: found[end - 1].end] if found else head


def _closed(text: str) -> str:
    """Without a bracket or quotation mark that is opened and never closed."""
    for opening, closing in _PAIRS:
        count = text.count(opening)
        if count % 2 if opening == closing else count > text.count(closing):
            cut = _DANGLING.sub("", text[: text.rfind(opening)])
            if len(cut) >= _SHORTEST or text.endswith(opening):
                text = cut
    return text
