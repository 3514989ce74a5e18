"""What a call for history may get instead of a full page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flood:
    """Telegram wants so many seconds of rest."""

    seconds: int


@dataclass(frozen=True)
class Short:
    """A page with so many messages, though there are more."""

    messages: int


@dataclass(frozen=True)
class Lost:
    """The connection breaks; the client must connect anew."""


@dataclass(frozen=True)
class GivenUp:
    """No answer comes, and then the client gives the connection up, with all that it still waits for."""


@dataclass(frozen=True)
class Repeats:
    """The page before comes once more, as has been seen on bad connections."""


@dataclass(frozen=True)
class Hangs:
    """No answer comes."""


@dataclass(frozen=True)
class Refuses:
    """The client raises one of Telethon's errors, made of the request."""

    error: Callable[[Any], Exception]


Misbehaviour = Flood | Short | Lost | GivenUp | Repeats | Hangs | Refuses
