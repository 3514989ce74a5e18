"""Records of live."""

from tasktracker.record import Record


class Ticket(Record, frozen=True, kw_only=True):
    """Opens one WebSocket in the name of a key; `expires_in` is in seconds."""

    ticket: str
    expires_in: int
