"""Is the gateway up, is every service, and what was counted."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import httpx
import msgspec
from litestar import Request, Response, Router, get
from prometheus_client.core import GaugeMetricFamily

from services.gateway.access import SCOPE
from services.gateway.auth import FOR_PROMETHEUS
from services.gateway.hub import Hub
from services.gateway.hub_figures import hub_gauges
from services.gateway.message_server import NATS_ERRORS
from services.gateway.openapi import SECURITY, DescribedOperation, answers, shown
from services.gateway.queue_figures import QueueFigures
from shared.contracts.errors import QueryError
from shared.service.health import Check, Health, Unhealthy, look, look_at_nats, look_at_postgres, version
from shared.service.metrics import readiness
from shared.telemetry.exposition import expose

_PATIENCE = 3.0
_GOOD = Health(
    "ok",
    {
        "postgres": Check(True),
        "migrations": Check(True, "0002"),
        "nats": Check(True),
        "first_key": Check(True),
    },
)
_BAD = Health(
    "failing",
    {
        "postgres": Check(True),
        "migrations": Check(True, "0002"),
        "nats": Check(False, "not connected; reconnecting"),
        "first_key": Check(True),
    },
)


class ServiceHealth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service's readiness as it tells it itself.

    Attributes:
        detail: Why there is none.
        version: Of the program that answered.
    """

    ok: bool
    detail: str | None = None
    checks: dict[str, Check] = {}
    version: str | None = None


class ServicesHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Every service's readiness by its name; `status` is `ok` only when every one is ready.

    Attributes:
        paused: Queues that somebody holds, by name: their services are ready and do nothing. Null when the
            message server cannot be asked.
    """

    status: str
    checks: dict[str, ServiceHealth]
    paused: list[str] | None = None


@get(
    ["/health", "/health/ready"],
    summary="Health of the gateway",
    operation_class=DescribedOperation,
    responses={
        **shown(200, Health, _GOOD, "Everything that the gateway needs is there"),
        **shown(503, Health, _BAD, "Something is missing, named in the answer"),
    },
)
async def get_health(request: Request[Any, Any, Any]) -> Response[Health]:
    """What the gateway needs, each by its name. It serves what it can while one is missing."""
    found = await _look(request)
    return Response(found, status_code=200 if found.status == "ok" else 503)


async def _look(request: Request[Any, Any, Any]) -> Health:
    made: asyncio.Task[None] = request.app.state.first_key

    async def look_at_first_key() -> str | None:
        if not made.done():
            raise Unhealthy("not made yet: nobody can come in")
        return None

    return await look(
        {
            "postgres": look_at_postgres,
            "migrations": request.app.state.migrations,
            "nats": look_at_nats,
            "first_key": look_at_first_key,
        }
    )


@get("/health/live", summary="Does the gateway run?", operation_class=DescribedOperation)
async def get_live() -> Health:
    """Answers as long as the process takes requests, whatever else is missing."""
    return Health("ok", {})


@get(
    "/health/services",
    summary="Health of every service",
    operation_class=DescribedOperation,
    responses={
        **shown(
            200,
            ServicesHealth,
            ServicesHealth(
                status="ok",
                checks={"ingestion": ServiceHealth(ok=True, checks=dict(_GOOD.checks), version="0.1.0")},
                paused=["knowledge"],
            ),
            "Every service is ready",
        ),
        **shown(
            503,
            ServicesHealth,
            ServicesHealth(status="failing", checks={"scoring": ServiceHealth(ok=False, detail="refused")}),
            "Some service is not ready, named in the answer",
        ),
    },
)
async def get_services(request: Request[Any, Any, Any]) -> Response[ServicesHealth]:
    """Each service's own readiness, asked for at once, each within three seconds."""
    urls: dict[str, str] = request.app.state.health_urls
    client: httpx.AsyncClient = request.app.state.http
    own, others, paused = await asyncio.gather(
        look({"postgres": look_at_postgres, "nats": look_at_nats}),
        asyncio.gather(*(_ask_service(client, url) for url in urls.values())),
        _paused_queues(request.app.state.queue_figures),
    )
    found = {"gateway": ServiceHealth(ok=own.status == "ok", checks=own.checks, version=version())}
    found.update(zip(urls, others, strict=True))
    good = all(service.ok for service in found.values())
    health = ServicesHealth(status="ok" if good else "failing", checks=found, paused=paused)
    return Response(health, status_code=200 if good else 503)


async def _paused_queues(figures: QueueFigures) -> list[str] | None:
    try:
        stats = await asyncio.wait_for(figures.now(), _PATIENCE)
    except (*NATS_ERRORS, QueryError):
        return None
    return [queue.queue for queue in stats if queue.paused]


async def _ask_service(client: httpx.AsyncClient, url: str) -> ServiceHealth:
    try:
        answer = await client.get(f"{url}/health/ready", timeout=_PATIENCE)
        health = msgspec.json.decode(answer.content, type=Health)
    except httpx.TimeoutException:
        return ServiceHealth(ok=False, detail=f"no answer within {_PATIENCE:g} s")
    except httpx.HTTPError as error:
        return ServiceHealth(ok=False, detail=str(error) or type(error).__name__)
    except msgspec.DecodeError:
        return ServiceHealth(
            ok=False, detail=f"answered {answer.status_code} with something else than its health"
        )
    good = health.status == "ok" and answer.is_success
    return ServiceHealth(ok=good, checks=health.checks, version=health.version)


@get(
    "/metrics",
    media_type="text/plain",
    summary="Metrics for Prometheus",
    operation_class=DescribedOperation,
    opt={SCOPE: "read", FOR_PROMETHEUS: True},
    security=SECURITY,
    responses=answers(),
)
async def get_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Counters and histograms of this gateway process, and the queues' gauges, as Prometheus reads them.

    `Accept: application/openmetrics-text` adds the traces that stand for times (exemplars). The gauges are
    some seconds old at the most; they are left out while the message server is away.
    """
    hub: Hub = request.app.state.hub
    figures: QueueFigures = request.app.state.queue_figures
    found, *asked = await asyncio.gather(_look(request), _asked(figures.gauges()), _asked(hub_gauges(hub)))
    more = [readiness(found), *(gauge for gauges in asked for gauge in gauges)]
    body, content_type = expose(request.headers.get("accept", ""), more)
    return Response(body, media_type=content_type)


async def _asked(gauges: Awaitable[list[GaugeMetricFamily]]) -> list[GaugeMetricFamily]:
    """Figures of the message server; none while it is away."""
    try:
        return await asyncio.wait_for(gauges, _PATIENCE)
    except (*NATS_ERRORS, QueryError):
        return []


health_router = Router(
    "/",
    route_handlers=[get_health, get_live, get_services, get_metrics],
    opt={SCOPE: "public"},
    tags=["health"],
)
