"""What a call for history may get instead of a full page."""

from dataclasses import dataclass


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
    """Telegram refuses, with this class of Telethon's errors."""

    error: type[Exception]


Misbehaviour = Flood | Short | Lost | GivenUp | Repeats | Hangs | Refuses
