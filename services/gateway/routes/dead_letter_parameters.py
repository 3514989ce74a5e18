"""Parameters of the routes about dead letters."""

from datetime import datetime
from typing import Annotated

from litestar.params import PathParameter, QueryParameter

Number = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="A dead letter, by its number.")]
ByQueue = Annotated[
    str | None, QueryParameter(max_length=100, description="Only those taken from this queue.")
]
ByActor = Annotated[str | None, QueryParameter(max_length=200, description="Only those of this actor.")]
ByReason = Annotated[
    str | None,
    QueryParameter(max_length=50, description="Only `failed`, `poison`, `undecodable` or `actor-not-found`."),
]
ByException = Annotated[
    str | None,
    QueryParameter(max_length=300, description="Only this exception's class, with or without its module."),
]
ByText = Annotated[
    str | None,
    QueryParameter(max_length=200, description="Only those whose error has this text, in capitals or not."),
]
Since = Annotated[
    datetime | None,
    QueryParameter(description="Only those given up at or after this time; UTC when it has no zone."),
]
