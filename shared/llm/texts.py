"""Making texts fit for what is sent: servers choke on halves of characters and on control characters."""

import re
from typing import Any

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

REPLACEMENT = "\ufffd"


def without_surrogates(text: str) -> str:
    """A text that is valid Unicode: pairs of surrogates joined, lone ones replaced."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_text(text: str) -> str:
    """A text for embedding: valid Unicode, control characters as spaces, nothing blank around it."""
    return _CONTROLS.sub(" ", without_surrogates(text).replace("\r\n", "\n")).strip()


def clean_builtins(value: Any) -> Any:
    """Lists, dictionaries and strings, with each string made valid Unicode."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [clean_builtins(item) for item in value]
    if isinstance(value, dict):
        return {clean_builtins(name): clean_builtins(item) for name, item in value.items()}
    return value
