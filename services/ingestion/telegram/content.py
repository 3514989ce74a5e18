"""The text of a message and its marked parts, put together in one way for every road."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from services.ingestion.telegram.fields import (
    MAX_NAME,
    MAX_TEXT,
    Unreadable,
    clean,
    integer,
    name,
    telegram_id,
)
from services.ingestion.telegram.incoming import Entity

_ASTRAL = "\uffff"

# The Bot API's names, each with what Telegram Desktop calls it where that differs.
_ENTITY_TYPES = {
    **{
        same: same
        for same in (
            *("mention", "hashtag", "cashtag", "bot_command", "email", "bold", "italic", "underline"),
            *("strikethrough", "spoiler", "blockquote", "code", "pre", "text_link", "custom_emoji"),
            *("url", "phone_number", "text_mention"),
        )
    },
    "link": "url",
    "phone": "phone_number",
    "mention_name": "text_mention",
    "expandable_blockquote": "blockquote",
}


class Part(NamedTuple):
    """A stretch of text; `type` is None when it is plain."""

    text: str
    type: str | None = None
    url: str | None = None
    language: str | None = None
    user_id: int | None = None


class Content(NamedTuple):
    """The four fields of `IncomingMessage` that say what is written in it."""

    text: str
    has_text: bool
    content_hash: bytes
    entities: tuple[Entity, ...]


def written(parts: list[Part]) -> Content | None:
    """What these parts say; None when that is nothing but white space.

    Raises:
        Unreadable: it is longer than `MAX_TEXT`.
    """
    pieces = [clean(part.text) for part in parts]
    text = pieces[0] if len(pieces) == 1 else "".join(pieces)
    if not text or text.isspace():
        return None
    if len(text) > MAX_TEXT:
        raise Unreadable(f"its text of {len(text):,} characters is longer than any of Telegram's")
    plain = len(parts) == 1 and parts[0].type is None
    return Content(text, True, _content_hash(text), () if plain else tuple(_entities(parts, pieces)))


@lru_cache(maxsize=1024)
def placeholder(label: str, detail: str | None = None) -> Content:
    """What stands for a message without text: `[photo]`, `[forum_topic_created: Releases]`."""
    text = f"[{label}: {detail}]" if detail else f"[{label}]"
    return Content(text, False, _content_hash(text), ())


def marked_parts(text: str, entities: object) -> list[Part]:
    """The parts of a text that the Bot API marked by offset and length in UTF-16 code units.

    An entity that overlaps an earlier one or lies outside the text is left out, as Telegram Desktop does.
    """
    if not isinstance(entities, list) or not entities:
        return [Part(text)]
    units = text.encode("utf-16-le", "surrogatepass")
    parts: list[Part] = []
    cursor = 0
    for start, end, kind, raw in sorted(_spans(entities, len(units)), key=lambda span: (span[0], -span[1])):
        if start >= cursor:
            parts.append(Part(_decode(units[cursor:start])))
            parts.append(_marked(kind, _decode(units[start:end]), raw.get("url"), raw))
            cursor = end
    parts.append(Part(_decode(units[cursor:])))
    return parts


def exported_parts(message: dict[str, Any]) -> list[Part]:
    """The parts of an exported text, from `text_entities`, or from `text` where an old export has none."""
    written_parts = message.get("text_entities") or message.get("text")
    if isinstance(written_parts, str):
        return [Part(written_parts)]
    if not isinstance(written_parts, list):
        return []
    match written_parts:
        case [{"type": "plain", "text": str(text)}]:
            return [Part(text)]
        case _:
            return list(_exported(written_parts))


def _entities(parts: list[Part], pieces: list[str]) -> Iterator[Entity]:
    offset = 0
    for part, piece in zip(parts, pieces, strict=True):
        length = _utf16_length(piece)
        if part.type is not None and length:
            yield Entity(part.type, offset, length, part.url, part.language, part.user_id)
        offset += length


def _exported(raw_parts: list[Any]) -> Iterator[Part]:
    for raw in raw_parts:
        if isinstance(raw, str):
            yield Part(raw)
        elif isinstance(raw, dict) and isinstance(text := raw.get("text"), str):
            kind = raw.get("type")
            known = _ENTITY_TYPES.get(kind) if isinstance(kind, str) else None
            yield Part(text) if known is None else _marked(known, text, raw.get("href"), raw)


def _marked(kind: str, text: str, url: object, raw: dict[str, Any]) -> Part:
    user = raw.get("user")
    user_id = user.get("id") if isinstance(user, dict) else raw.get("user_id")
    return Part(
        text,
        kind,
        url=clean(url[: MAX_NAME * 8]) if kind == "text_link" and isinstance(url, str) else None,
        language=name(raw.get("language")) if kind == "pre" else None,
        user_id=telegram_id(user_id) if kind == "text_mention" else None,
    )


def _spans(entities: list[Any], size: int) -> Iterable[tuple[int, int, str, dict[str, Any]]]:
    for raw in entities:
        if not isinstance(raw, dict) or not isinstance(kind := raw.get("type"), str):
            continue
        known = _ENTITY_TYPES.get(kind)
        offset, length = integer(raw.get("offset")), integer(raw.get("length"))
        if known is None or offset is None or length is None:
            continue
        if offset >= 0 and length > 0 and 2 * (offset + length) <= size:
            yield 2 * offset, 2 * (offset + length), known, raw


def _utf16_length(text: str) -> int:
    if text.isascii() or max(text) <= _ASTRAL:
        return len(text)
    return len(text.encode("utf-16-le")) // 2


def _decode(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")


def _content_hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
