"""A proposal's details as an agent gives them: JSON text, to be read and checked. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.analysis.details import problems_of
from services.analysis.tidying import cut
from shared.contracts.analysis import Language
from shared.llm.texts import clean_builtins

LARGEST_DETAILS = 32 * 1024
"""Characters of details, as JSON."""

_LONGEST_NOTE = 400
_DROPPED: Mapping[Language, str] = {
    "uk": "Подробиці відкинуто, бо вони не відповідають схемі: {}",
    "en": "Its details were left out, as they do not fit the schema: {}",
}
_NO_OBJECT: Mapping[Language, str] = {"uk": "це не JSON-об'єкт.", "en": "they are no JSON object."}
_TOO_LARGE: Mapping[Language, str] = {"uk": "вони завеликі.", "en": "they are too large."}


def read_details(
    schema: Mapping[str, Any] | None, given: str | None, language: Language
) -> tuple[dict[str, Any] | None, str]:
    """Details that fit their schema, or None with a note for the person who reviews why there are none.

    A proposal without its details is worth more than none: a person can fill them in.
    """
    if schema is None or given is None or not given.strip():
        return None, ""
    if len(given) > LARGEST_DETAILS:
        return None, _DROPPED[language].format(_TOO_LARGE[language])
    try:
        details = clean_builtins(msgspec.json.decode(given))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        details = None
    if not isinstance(details, dict):
        return None, _DROPPED[language].format(_NO_OBJECT[language])
    details = _without_zeros(details)
    problems = problems_of(schema, details)
    if problems:
        return None, cut(_DROPPED[language].format("; ".join(problems)), _LONGEST_NOTE)
    return details, ""


def _without_zeros(value: Any) -> Any:
    """A database keeps no text with a zero character."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_zeros(each) for each in value]
    if isinstance(value, dict):
        return {_without_zeros(key): _without_zeros(each) for key, each in value.items()}
    return value
