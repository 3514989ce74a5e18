"""The door of a process: whose address a request comes from, how much may come, and who has to wait."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from litestar.connection import ASGIConnection

from services.gateway.limits import Allowance, Lockout, RequestLimit
from services.gateway.metrics import REFUSED
from services.gateway.origins import Network, client_address, is_own_origin, limited_as, parse_networks
from services.gateway.problems import ProblemError
from services.gateway.sessions import cookie_name
from services.gateway.settings import GatewaySettings

Connection = ASGIConnection[Any, Any, Any, Any]

_MOST_TOLD = 1000
_MANY = "many others"

ALLOWANCE = "tt_allowance"
"""In a request's state: the `Allowance` that its answer tells of."""


@dataclass
class Door:
    """What decides beside keys and scopes.

    Attributes:
        trusted: Networks of proxies whose `X-Forwarded-For` is believed.
        public_url: How people reach the gateway; None is not told.
        secure: Whether that is https, so that cookies never travel otherwise.
        keys: The limit of requests for each key.
        addresses: The limit of requests without a good key, for each address.
        lockout: Who guesses has to wait.
        session_lasts: From sign-in to the end of a session.
        guesses: Wrong keys by address since they were written to the audit log.
    """

    trusted: tuple[Network, ...]
    public_url: str | None
    secure: bool
    keys: RequestLimit
    addresses: RequestLimit
    lockout: Lockout
    session_lasts: timedelta
    guesses: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Door":
        """The door as the settings have it.

        Raises:
            ValueError: When one of them cannot be used; says which.
        """
        return cls(
            trusted=parse_networks(settings.trusted_proxies),
            public_url=settings.public_url,
            secure=settings.page_url.startswith("https://"),
            keys=RequestLimit("key", settings.rate_limit),
            addresses=RequestLimit("address", settings.rate_limit),
            lockout=Lockout(settings.lockout_after),
            session_lasts=timedelta(hours=settings.session_hours),
        )

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return cookie_name(secure=self.secure)

    def address(self, connection: Connection) -> str:
        """The address of the client."""
        peer = connection.client.host if connection.client is not None else None
        return client_address(peer, connection.headers.getall("x-forwarded-for", []), self.trusted)

    def is_own_page(self, connection: Connection) -> bool:
        """Whether `Origin` is this installation's own."""
        headers = connection.headers
        return is_own_origin(headers.get("origin"), headers.get("host"), self.public_url)

    def count_address(self, connection: Connection) -> None:
        """Count a request that comes without a good key.

        Raises:
            ProblemError: 429 when there were too many from its address.
        """
        self._admit(connection, self.addresses.take(limited_as(self.address(connection))))

    def count_key(self, connection: Connection, key_id: str) -> None:
        """Count a request of a key.

        Raises:
            ProblemError: 429 when there were too many.
        """
        self._admit(connection, self.keys.take(key_id))

    def must_wait(self, connection: Connection, who: bytes | None) -> int:
        """Seconds that an address has to wait from which too many wrong keys came; 0 is not at all.

        Args:
            connection: From where.
            who: Hash of the key or session that comes; one that came in from there before need not wait.
        """
        address = limited_as(self.address(connection))
        seconds = self.lockout.seconds(address)
        return 0 if seconds and who is not None and self.lockout.is_welcome(address, who) else seconds

    def refuse_guessing(self, connection: Connection, who: bytes | None) -> None:
        """Have an address wait from which too many wrong keys came, see `must_wait`.

        Raises:
            ProblemError: 429.
        """
        seconds = self.must_wait(connection, who)
        if seconds:
            REFUSED.labels("waits").inc()
            raise ProblemError(
                429,
                f"Too many wrong keys came from your address; try again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )

    def note_guess(self, connection: Connection) -> None:
        """Count a wrong key, session or ticket."""
        address = limited_as(self.address(connection))
        self.lockout.note_guess(address)
        told_as = address if address in self.guesses or len(self.guesses) < _MOST_TOLD else _MANY
        self.guesses[told_as] = self.guesses.get(told_as, 0) + 1
        REFUSED.labels("guess").inc()

    def welcome(self, connection: Connection, who: bytes) -> None:
        """Remember that a key or session came in from where it did."""
        self.lockout.welcome(limited_as(self.address(connection)), who)

    def _admit(self, connection: Connection, allowance: Allowance | None) -> None:
        if allowance is None:
            return
        connection.scope["state"][ALLOWANCE] = allowance
        if allowance.remaining < 0:
            REFUSED.labels(f"{allowance.policy}_limit").inc()
            seconds = allowance.seconds
            raise ProblemError(
                429,
                f"More than {allowance.limit} requests a minute came from this {allowance.policy}; "
                f"go on in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )


def door_of(connection: Connection) -> Door:
    """The door of the application."""
    return cast("Door", connection.app.state.door)
