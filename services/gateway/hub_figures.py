"""How far the live events of this process are behind, and its slowest client behind them."""

from prometheus_client.core import GaugeMetricFamily

from services.gateway.hub import Hub
from services.gateway.message_server import jetstream
from shared.messaging.events import stream_state


async def hub_gauges(hub: Hub) -> list[GaugeMetricFamily]:
    """The figures at this moment, in events.

    Raises:
        QueryError: `unavailable`, when the message server is away.
        nats.errors.Error: When it does not answer.
    """
    state = await stream_state(await jetstream())
    heard, slowest = hub.heard, hub.slowest
    # Of a stream that was made anew nothing was heard yet.
    behind = state.last - heard.seq if heard.epoch == state.epoch else state.last
    return [
        GaugeMetricFamily(
            "tt_gateway_events_behind",
            "Events of the stream that this process has not heard yet",
            value=max(0, behind),
        ),
        GaugeMetricFamily(
            "tt_gateway_slowest_socket_events",
            "Events that the slowest WebSocket client was not told yet of those that were heard",
            value=max(0, heard.seq - slowest),
        ),
    ]
