"""The gateway's application: every route, in one place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from loguru import logger

from services.gateway import repository
from services.gateway.auth import DATABASE_ERRORS, KeyRing, check_bootstrap_key, guard, make_first_key
from services.gateway.encoding import write_utf8
from services.gateway.hub import Hub
from services.gateway.middleware import add_security_headers, measure, only_json
from services.gateway.openapi import SECURITY, openapi_config
from services.gateway.problems import on_exception, on_http_exception, on_query_error
from services.gateway.routes.agents import agents_router
from services.gateway.routes.atom_reviews import atom_reviews_router
from services.gateway.routes.atoms import atoms_router
from services.gateway.routes.embeddings import embeddings_router
from services.gateway.routes.extractions import extractions_router
from services.gateway.routes.feedback import feedback_router
from services.gateway.routes.health import health_router
from services.gateway.routes.ingestion import ingestion_router
from services.gateway.routes.knowledge import knowledge_router
from services.gateway.routes.links import links_router
from services.gateway.routes.live import follow, tickets_router
from services.gateway.routes.merges import merges_router
from services.gateway.routes.messages import messages_router
from services.gateway.routes.page import assets_router, get_page
from services.gateway.routes.provider_trials import provider_trials_router
from services.gateway.routes.providers import providers_router
from services.gateway.routes.rules import rules_router
from services.gateway.routes.scoring import scoring_router
from services.gateway.routes.search import search_router
from services.gateway.routes.tasks import tasks_router
from services.gateway.routes.topics import topics_router
from services.gateway.routes.usage import usage_router
from services.gateway.routes.versions import versions_router
from services.gateway.routes.webhook import receive_update
from services.gateway.sealing import bind_sealing
from services.gateway.settings import GatewaySettings, parse_health_urls
from shared.contracts.errors import QueryError
from shared.database.engine import dispose_database
from shared.messaging.connection import close_connection
from shared.messaging.events import follow_events
from shared.messaging.transaction import transaction

LARGEST_JSON = 1 << 20
"""Bytes of a JSON request body."""

_PURGE_EVERY = 600.0
_PURGE_AT_ONCE = 5000


def create_app(settings: GatewaySettings) -> Litestar:
    """Make the application. Database and NATS must have been bound; neither has to be up.

    Args:
        settings: As read from the environment.

    Raises:
        ValueError: When a setting cannot be used; says which.
    """
    check_bootstrap_key(settings.bootstrap_api_key)
    bind_sealing(settings.encryption_keys)
    write_utf8()
    state = State(
        {
            "settings": settings,
            "health_urls": parse_health_urls(settings.health_urls),
            "key_ring": KeyRing(),
            "hub": Hub(follow_events, capacity=settings.socket_queue),
        }
    )
    return Litestar(
        [
            receive_update,
            follow,
            health_router,
            get_page,
            assets_router,
            Router(
                "/api/v1",
                route_handlers=[
                    messages_router,
                    feedback_router,
                    ingestion_router,
                    scoring_router,
                    providers_router,
                    provider_trials_router,
                    agents_router,
                    usage_router,
                    topics_router,
                    atoms_router,
                    atom_reviews_router,
                    links_router,
                    versions_router,
                    merges_router,
                    rules_router,
                    extractions_router,
                    knowledge_router,
                    search_router,
                    embeddings_router,
                    tasks_router,
                    tickets_router,
                ],
                guards=[guard, only_json],
                security=SECURITY,
            ),
        ],
        state=state,
        lifespan=[_running],
        middleware=[measure],
        before_send=[add_security_headers],
        exception_handlers={
            HTTPException: on_http_exception,
            QueryError: on_query_error,
            Exception: on_exception,
        },
        openapi_config=openapi_config(),
        request_max_body_size=LARGEST_JSON,
        logging_config=None,
    )


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Follow the events, make the first key and keep house, for as long as the application runs."""
    settings: GatewaySettings = app.state.settings
    hub: Hub = app.state.hub
    hub.start()
    app.state.first_key = asyncio.create_task(make_first_key(settings.bootstrap_api_key, settings.page_url))
    tasks = [app.state.first_key, asyncio.create_task(_forget_old_requests())]
    async with httpx.AsyncClient(trust_env=False) as app.state.http:
        try:
            yield
        finally:
            await hub.stop()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await close_connection()
            await dispose_database()


async def _forget_old_requests() -> None:
    """Delete answers past their 24 hours on a clock, busy or not."""
    while True:
        await asyncio.sleep(_PURGE_EVERY)
        try:
            gone = _PURGE_AT_ONCE
            while gone == _PURGE_AT_ONCE:
                async with transaction() as tx:
                    gone = await repository.forget_old_requests(tx.connection, _PURGE_AT_ONCE)
        except DATABASE_ERRORS as error:
            logger.warning("old answers are not purged while the database does not answer: {!r}", error)
