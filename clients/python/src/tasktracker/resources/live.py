"""Live of the API, by `client.live`."""

from tasktracker.records.live import Ticket
from tasktracker.resource import Resource


class Live(Resource):
    """One-time tickets for the WebSocket."""

    def tickets(self) -> Ticket:
        """Get a ticket for the WebSocket.

        Who cannot send headers with a WebSocket sends `/ws?ticket=…`, once and within 30 seconds.
        """
        return self._ask("POST", "/api/v1/ws/tickets", Ticket)
