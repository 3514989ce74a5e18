"""Which part of the client an operation belongs to, and what its method is called.

The rules give most names. What they do not fit stands in the tables; two operations of one name are an error.
"""

import keyword
import re
from collections.abc import Mapping

from clients.python.generator.document import Operation

API = "/api/v1"

PARTS: Mapping[str, str] = {
    f"{API}/ingestion/imports": "imports",
    f"{API}/ingestion/jobs": "jobs",
    f"{API}/knowledge/extractions": "extractions",
    f"{API}/llm": "usage",
    f"{API}/messages/labels": "labels",
    f"{API}/tasks/queues": "queues",
    f"{API}/tasks/workers": "workers",
    f"{API}/tasks/dead-letters": "dead_letters",
    f"{API}/telegram/bot": "telegram.bot",
    f"{API}/telegram/webhook": "telegram.webhook",
    f"{API}/telegram/polling": "telegram.polling",
    f"{API}/telegram/account": "telegram.account",
    f"{API}/telegram/chats": "telegram.chats",
    f"{API}/ws": "live",
    "/health": "health",
}
"""Parts by the beginning of their path, the longest that fits; others have the first word after /api/v1."""

CLASSES: Mapping[str, str] = {"health": "HealthChecks"}
"""Names of classes that the rules would give twice: `Health` is a record."""

METHODS: Mapping[tuple[str, str], str] = {
    ("GET", f"{API}/search"): "__call__",
    ("GET", f"{API}/embeddings/reindex/{{run_id}}"): "get_reindex",
    ("PUT", f"{API}/messages/{{message_id}}/feedback"): "correct",
    ("DELETE", f"{API}/messages/{{message_id}}/feedback"): "take_correction_back",
    ("POST", f"{API}/atoms/review"): "review_many",
    ("POST", f"{API}/proposals/bulk"): "review_many",
    ("PUT", f"{API}/messages/labels"): "set",
    ("POST", f"{API}/tasks"): "start",
    ("POST", f"{API}/scoring/runs"): "start",
    ("POST", f"{API}/tasks/dead-letters/requeue"): "requeue_many",
    ("POST", f"{API}/tasks/dead-letters/delete"): "delete_many",
}
"""Names that the rules would not give."""

BY_HAND: Mapping[tuple[str, str], str] = {
    ("POST", f"{API}/ingestion/imports"): "tasktracker.uploads.Imports.upload",
    ("GET", f"{API}/proposals/export"): "tasktracker.exports.Proposals.export",
}
"""Operations whose bodies go through in pieces: their methods are written by hand."""

LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("POST", "/webhook/telegram"): "Telegram calls it",
    ("GET", "/metrics"): "Prometheus reads it",
    ("POST", f"{API}/messages/{{message_id}}/feedback"): "the same as its PUT, which is called `correct`",
}
"""Operations that have no method, with the reason."""

HEADERS_LEFT_OUT = frozenset({"If-None-Match"})
"""Headers that no method takes: the client keeps no copies that could still be good."""

_ON_ALL = {"GET": "list", "POST": "create", "PUT": "set", "PATCH": "change", "DELETE": "delete"}
_ON_ONE = {"GET": "get", "PUT": "set", "PATCH": "change", "DELETE": "delete"}
_PARAMETER = re.compile(r"\{(\w+)\}")


def part_of(path: str) -> str:
    """The part of the client, with dots for parts of parts."""
    fitting = [begin for begin in PARTS if path == begin or path.startswith(f"{begin}/")]
    if fitting:
        return PARTS[max(fitting, key=len)]
    return snake(path.removeprefix(API).split("/")[1])


def method_of(operation: Operation) -> str:
    """The name of an operation's method."""
    named = METHODS.get((operation.method, operation.path))
    if named:
        return named
    rest = _rest(operation.path)
    words = [snake(part) for part in rest if not _PARAMETER.fullmatch(part)]
    if not rest:
        answers_items = "items" in _properties_of_answer(operation)
        return "get" if operation.method == "GET" and not answers_items else _ON_ALL[operation.method]
    if not words:
        return _ON_ONE[operation.method]
    name = "_".join(words)
    return name if operation.method in {"GET", "POST"} else f"{_ON_ONE[operation.method]}_{name}"


def snake(text: str) -> str:
    """A name as Python writes it, set off from its reserved words."""
    name = re.sub(r"\W+", "_", text).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def class_of(part: str) -> str:
    """The name of a part's class."""
    return CLASSES.get(part) or "".join(word.capitalize() for word in re.split(r"[._]", part))


def module_of(part: str) -> str:
    """The name of a part's module."""
    return part.replace(".", "_")


def _rest(path: str) -> list[str]:
    """What follows in a path after the beginning that all of its part have."""
    fitting = [begin for begin in PARTS if path == begin or path.startswith(f"{begin}/")]
    begin = max(fitting, key=len) if fitting else "/".join(path.split("/")[:4])
    return [part for part in path.removeprefix(begin).split("/") if part]


def _properties_of_answer(operation: Operation) -> Mapping[str, object]:
    schema = operation.answer
    if schema is None:
        return {}
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, object] = (
        operation.document["components"]["schemas"].get(name, {}).get("properties", {})
    )
    return found
