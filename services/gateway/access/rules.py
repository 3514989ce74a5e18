"""Who may do what: the scope that each route and each topic needs; no I/O.

A route needs what its method says, unless its `opt` says otherwise: `opt={"scope": "admin"}`, on the handler
or on the router around it. `python -m services.gateway.access` writes the table of all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, cast, get_args

from services.gateway.keys import ApiKey, Scope

Access = Literal["public", "itself", "known", "read", "write", "admin"]
"""What a route needs.

`public` takes anybody. `itself` looks by itself who comes, by other means than the guard. `known` takes any
key that is good, whatever its scopes. The others are scopes.
"""

SCOPE: Final = "scope"
"""Set in a route's `opt` where its method does not say what it needs."""

READING: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing: they need `read`, and with a cookie no CSRF token."""

TOPICS: Final[Mapping[str, Scope]] = {
    "messages": "read",
    "ingestion": "read",
    "knowledge": "read",
    "embedding": "read",
    "analysis": "read",
    "experiments": "read",
    "providers": "admin",
    "tasks": "admin",
}
"""The scope that a topic of the WebSocket needs; one that is not here needs `admin`."""


def needed(opt: Mapping[str, Any], method: str) -> Access:
    """What a route needs.

    Args:
        opt: As its handler and the routers around it have it.
        method: Of the request; OPTIONS tells only what the description tells, and anybody may ask.

    Raises:
        ValueError: When `opt` names something else than an `Access`: a misspelt scope opens nothing.
    """
    if method == "OPTIONS":
        return "public"
    found = opt.get(SCOPE)
    if found is None:
        return "read" if method in READING else "write"
    if found not in get_args(Access):
        raise ValueError(f"opt['{SCOPE}'] is {found!r}; it must be one of {', '.join(get_args(Access))}")
    return cast("Access", found)


def may_follow(key: ApiKey, topic: str) -> bool:
    """Whether the key may hear of a topic."""
    return key.may(TOPICS.get(topic, "admin"))


def topics_for(key: ApiKey, topics: Iterable[str]) -> frozenset[str]:
    """Those of the topics that the key may hear of."""
    return frozenset(topic for topic in topics if may_follow(key, topic))
