"""The one chance that an answer gets which does not fit: sent back with what is wrong with it."""

from collections.abc import Sequence

from shared.contracts.analysis import Language
from shared.llm.prompts import Message

_LONGEST = 20_000

_REQUESTS: dict[Language, str] = {
    "uk": (
        "Ця відповідь не відповідає схемі: {error}. Дай виправлену відповідь повністю: лише один "
        "JSON-об'єкт за схемою, без пояснень."
    ),
    "en": (
        "This answer does not fit the schema: {error}. Give the whole answer again, corrected: one JSON "
        "object of the schema and nothing else."
    ),
}


def repair_of(messages: Sequence[Message], answer: str, error: str, language: Language) -> list[Message]:
    """The messages that ask for an answer again.

    Args:
        messages: The ones that it was given to.
        answer: What does not fit.
        error: What the decoder says.
        language: Of the prompt.
    """
    return [
        *messages,
        Message("assistant", answer[:_LONGEST] or "{}"),
        Message("user", _REQUESTS[language].format(error=error)),
    ]
