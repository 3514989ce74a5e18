"""Names and icons of topics, whoever gave them."""

import unicodedata

from shared.llm.wording import clean

DEFAULT_ICON = "💬"
_LONGEST_NAME = 100


def clean_name(name: str) -> str:
    """A topic's name: on one line, without a full stop behind it, at most 100 characters."""
    return " ".join(clean(name).split())[:_LONGEST_NAME].rstrip(" .,;:")


def same_name(name: str) -> str:
    """What names of one topic have in common: case and spaces do not tell them apart."""
    return " ".join(name.split()).casefold()


def clean_icon(icon: str) -> str:
    """One emoji; what is none, for example a word, is replaced."""
    shown = clean(icon)
    is_emoji = any(unicodedata.category(character) == "So" for character in shown)
    has_words = any(character.isalnum() or character.isspace() for character in shown)
    return shown if is_emoji and not has_words else DEFAULT_ICON
