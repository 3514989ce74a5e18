"""Where the texts and vectors of each kind of item are, and statements that are the same for all kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import TextClause, text

from shared.contracts.embedding import ItemKind


@dataclass(frozen=True, slots=True)
class Source:
    """The texts of one kind of item.

    Attributes:
        texts: Their table.
        key: The column of the item's id.
        own: The condition for rows of this kind.
        embedded: What of a row is embedded.
    """

    kind: ItemKind
    texts: str
    key: str
    own: str
    embedded: str


_TITLE_AND_TEXT = "concat_ws('. ', rtrim(t.title, ' .'), nullif(t.text, ''))"

SOURCES: Mapping[ItemKind, Source] = MappingProxyType(
    {
        "message": Source("message", "embedding.message_texts", "message_id", "true", "t.text"),
        "atom": Source("atom", "embedding.knowledge_texts", "item_id", "t.kind = 'atom'", _TITLE_AND_TEXT),
        "topic": Source("topic", "embedding.knowledge_texts", "item_id", "t.kind = 'topic'", _TITLE_AND_TEXT),
    }
)
KINDS: tuple[ItemKind, ...] = ("message", "atom", "topic")


def vectors_table(kind: ItemKind, space_id: int) -> str:
    """The table of a space's vectors of one kind."""
    return f"embedding.{kind}_vectors_{space_id:d}"


@lru_cache(maxsize=256)
def statement(template: str, kind: ItemKind, space_id: int | None = None, more: str = "") -> TextClause:
    """A statement for one kind and, if it needs one, one space.

    Args:
        template: With `{kind}`, `{texts}` (alias it `t`), `{key}`, `{own}`, `{embedded}`, `{vectors}`,
            `{more}`.
        kind: The kind of item.
        space_id: Whose vectors.
        more: SQL of our own to put in the place of `{more}`.
    """
    source = SOURCES[kind]
    names = {
        "kind": kind,
        "texts": source.texts,
        "key": f"t.{source.key}",
        "own": source.own,
        "embedded": source.embedded,
    }
    if space_id is not None:
        names["vectors"] = vectors_table(kind, space_id)
    filled = template.replace("{more}", more)
    for name, value in names.items():
        filled = filled.replace(f"{{{name}}}", value)
    return prepared(filled)


@lru_cache(maxsize=1024)
def prepared(sql: str) -> TextClause:
    """A statement, read once: those of searches differ only by what they are narrowed to."""
    return text(sql)
