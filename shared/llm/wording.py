"""Texts as they may be stored and shown, whoever wrote them: a person or a model."""

import re
import unicodedata

from shared.llm.texts import without_surrogates

_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Soft hyphens, spaces of no width, and what turns the direction of all that is shown behind it."""


def clean(text: str) -> str:
    """Valid Unicode, composed, without what nobody sees, spaces in a row or blanks around; never longer."""
    kept = "".join(
        character if character == "\n" or unicodedata.category(character) != "Cc" else " "
        for character in _UNSEEN.sub("", without_surrogates(text))
    )
    composed = unicodedata.normalize("NFC", kept)
    shorter = composed if len(composed) <= len(kept) else kept
    return re.sub(r" {2,}", " ", shorter).strip()


def is_seen(text: str) -> bool:
    """Whether there is a letter, a digit, a sign or a mark of punctuation in a text."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)
