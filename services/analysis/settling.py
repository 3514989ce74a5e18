"""What a provider becomes when a person makes or changes it: what its type allows, needs and fills in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from services.analysis.addresses import (
    OLLAMA_URL,
    OPENAI_URL,
    AddressError,
    is_openai,
    normalise_base_url,
    origin,
)
from services.analysis.defaults import OPENAI_CHAT_MODEL, OPENAI_EMBEDDING_MODEL, known_prices
from shared.contracts.analysis import CreateProvider, ProviderRecord, UpdateProvider
from shared.contracts.errors import QueryError

_DEFAULT_URLS = {"openai": OPENAI_URL, "ollama": OLLAMA_URL}
_CALLED = frozenset(
    {"base_url", "sealed_key", "chat_model", "document_model", "query_model", "timeout_seconds"}
)
_EMBEDS = ("base_url", "document_model", "query_model")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SETTLED = (*sorted(_CALLED), "name", "max_concurrency", "prices", "activate")


@dataclass(frozen=True, slots=True)
class Change:
    """What a person's change of a provider comes to.

    Attributes:
        values: The columns that become something else.
        anew: It is to be validated anew.
    """

    values: Mapping[str, Any]
    anew: bool


def settle_new(query: CreateProvider) -> dict[str, Any]:
    """The columns of a new provider.

    Raises:
        QueryError: `invalid`, with the field that the type does not allow or needs.
    """
    values = {name: getattr(query, name) for name in _SETTLED} | {"type": query.type}
    _settle_common(values)
    if values["query_model"] is None:
        values["query_model"] = values["document_model"]
    if is_openai(values["base_url"]) and values["chat_model"] is None and values["document_model"] is None:
        values |= {
            "chat_model": OPENAI_CHAT_MODEL,
            "document_model": OPENAI_EMBEDDING_MODEL,
            "query_model": OPENAI_EMBEDDING_MODEL,
        }
    if values["prices"] is None:
        values["prices"] = _prices(values)
    _check(values, has_key=values["sealed_key"] is not None)
    return values


def settle_change(now: ProviderRecord, query: UpdateProvider) -> Change:
    """What becomes of a provider's columns.

    Raises:
        QueryError: `invalid`, with the field that the type does not allow or needs.
    """
    before = {name: getattr(now, name) for name in _SETTLED if name != "sealed_key"} | {"type": now.type}
    given = {name: value for name in _SETTLED if (value := getattr(query, name)) is not msgspec.UNSET}
    after = before | {"sealed_key": None} | given
    _settle_common(after)
    if "query_model" not in given and now.query_model == now.document_model:
        after["query_model"] = after["document_model"]
    if "prices" not in given and now.prices == _prices(before):
        after["prices"] = _prices(after)
    keeps_key = now.has_api_key and "sealed_key" not in given
    if keeps_key and origin(after["base_url"]) != origin(before["base_url"]):
        raise _invalid("api_key", "The key is not shown to another server: give it again, or null.")
    _check(after, has_key=keeps_key or after["sealed_key"] is not None)
    values = {name: after[name] for name in before if after[name] != before[name]}
    if "sealed_key" in given and (after["sealed_key"] is not None or now.has_api_key):
        values["sealed_key"] = after["sealed_key"]
    anew = bool(_CALLED & values.keys()) or bool(given.get("activate"))
    if any(name in values for name in _EMBEDS):
        values["dimension"] = None
    return Change(values, anew)


def clean_line(field: str, text: str) -> str:
    """A name as it is kept: one line, nothing blank around it.

    Raises:
        QueryError: `invalid`, when nothing is left or it has control characters.
    """
    cleaned = text.strip()
    if not cleaned or _CONTROL.search(cleaned):
        raise _invalid(field, f"`{field}` is one line of text without control characters.")
    return cleaned


def _settle_common(values: dict[str, Any]) -> None:
    """Bring what was given into the form in which it is kept, and fill the address in."""
    values["name"] = clean_line("name", values["name"])
    for field in ("chat_model", "document_model", "query_model"):
        if values[field] is not None:
            values[field] = clean_line(field, values[field])
    values["activate"] = sorted(set(values["activate"]))
    url = values["base_url"] or _DEFAULT_URLS.get(values["type"])
    try:
        values["base_url"] = normalise_base_url(url) if url else None
    except AddressError as error:
        raise _invalid("base_url", str(error)) from error


def _check(values: Mapping[str, Any], *, has_key: bool) -> None:
    """Refuse what the type does not allow or needs."""
    if values["type"] == "local":
        if values["base_url"] is not None:
            raise _invalid(
                "base_url", "The installation says where local embeddings are; leave base_url out."
            )
        if has_key:
            raise _invalid("api_key", "`local` needs no key.")
        if values["chat_model"] is not None:
            raise _invalid("chat_model", "`local` works by rules, not by a chat model.")
        if values["document_model"] is None:
            raise _invalid("document_model", "`local` needs its embedding model.")
    if is_openai(values["base_url"]) and values["base_url"].startswith("http://"):
        raise _invalid("base_url", "OpenAI is asked by https://, so that nobody on the way reads the key.")
    if is_openai(values["base_url"]) and not has_key:
        raise _invalid("api_key", "OpenAI needs an API key: https://platform.openai.com/api-keys.")
    if values["document_model"] is None and values["query_model"] is not None:
        raise _invalid("document_model", "With a query_model goes the document_model whose vectors it finds.")
    if values["query_model"] is None and values["document_model"] is not None:
        raise _invalid("query_model", "With a document_model goes a query_model; most often the same one.")


def _prices(values: Mapping[str, Any]) -> Any:
    """Known prices, where OpenAI is asked; what others ask is not known."""
    openai = is_openai(values["base_url"])
    return known_prices(
        values["chat_model"] if openai else None, values["document_model"] if openai else None
    )


def _invalid(field: str, message: str) -> QueryError:
    return QueryError("invalid", message, field=field)
