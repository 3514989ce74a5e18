"""One-time tickets for WebSockets: signed by a key, so that none has to be kept, and noted when used.

Whoever uses a ticket first makes its entry in the key-value bucket `tickets`; whoever finds it there comes
too late, on whatever replica of the gateway. Entries outlive tickets.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from nats.js.errors import KeyWrongLastSequenceError

from services.gateway.keys import ApiKey
from shared.contracts.errors import unavailable
from shared.messaging.stores import key_value

TICKET_SECONDS: Final = 30
_KEPT_SECONDS = 300.0
"""Clocks of replicas may differ by minutes."""


@dataclass(frozen=True)
class Ticket:
    """What a ticket says of itself.

    Attributes:
        key_id: In whose name it opens a WebSocket.
        expires: Seconds since 1970.
        number: No two tickets have the same.
        signature: Proves all of it.
    """

    key_id: UUID
    expires: int
    number: str
    signature: str

    def is_signed_by(self, key: ApiKey) -> bool:
        """Whether it was made with this key; any signature takes the same time."""
        expected = _sign(key, self.key_id, self.expires, self.number)
        return hmac.compare_digest(self.signature.encode(), expected.encode())


def make_ticket(key: ApiKey, now: datetime) -> str:
    """A ticket that opens one WebSocket in the name of a key within the next 30 seconds."""
    expires, number = int(now.timestamp()) + TICKET_SECONDS, secrets.token_hex(16)
    return f"{key.id.hex}.{expires}.{number}.{_sign(key, key.id, expires, number)}"


def read_ticket(text: str) -> Ticket | None:
    """What a ticket says, unproved; None when it is not of a ticket's form."""
    try:
        key_id, expires, number, signature = text.split(".")
        bytes.fromhex(number + signature)
        return Ticket(UUID(hex=key_id), int(expires), number, signature)
    except ValueError:
        return None


async def use_ticket(ticket: Ticket) -> bool:
    """Use a ticket up; False when that was done before.

    Raises:
        QueryError: `unavailable`, while the message server does not answer.
    """
    try:
        used = await key_value("tickets", ttl=_KEPT_SECONDS)
        await used.create(hashlib.sha256(ticket.number.encode()).hexdigest(), b"")
    except KeyWrongLastSequenceError:
        return False
    except (NatsError, JetStreamError, OSError, TimeoutError) as error:
        raise unavailable(
            f"The message server cannot say whether the ticket was used ({error!r})."
        ) from error
    return True


def _sign(key: ApiKey, key_id: UUID, expires: int, number: str) -> str:
    claim = f"ws-ticket:{key_id.hex}.{expires}.{number}"
    return hmac.new(key.key_hash, claim.encode(), hashlib.sha256).hexdigest()
