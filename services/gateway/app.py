"""The gateway's application: every route, in one place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from services.gateway.allowed import say_what_is_allowed
from services.gateway.audit import AuditLog
from services.gateway.auth import guard
from services.gateway.bodies import StrictRequest
from services.gateway.cors import cors_config
from services.gateway.described import DescribedStructs
from services.gateway.door import Door
from services.gateway.encoding import write_utf8
from services.gateway.first_key import check_bootstrap_key, make_first_key
from services.gateway.housekeeping import chores
from services.gateway.hub import Hub
from services.gateway.keyring import KeyRing
from services.gateway.middleware import add_security_headers, audit, measure, only_json
from services.gateway.openapi import SECURITY, openapi_config
from services.gateway.problems import on_exception, on_http_exception, on_query_error
from services.gateway.queue_figures import QueueFigures
from services.gateway.routes.agents import agents_router
from services.gateway.routes.assignments import assignments_router
from services.gateway.routes.atom_reviews import atom_reviews_router
from services.gateway.routes.atoms import atoms_router
from services.gateway.routes.audit import audit_router
from services.gateway.routes.dead_letter_bulk import dead_letter_bulk_router
from services.gateway.routes.dead_letters import dead_letters_router
from services.gateway.routes.embeddings import embeddings_router
from services.gateway.routes.experiments import experiments_router
from services.gateway.routes.extractions import extractions_router
from services.gateway.routes.feedback import feedback_router
from services.gateway.routes.health import health_router
from services.gateway.routes.ingestion import ingestion_router
from services.gateway.routes.keys import keys_router
from services.gateway.routes.knowledge import knowledge_router
from services.gateway.routes.labels import labels_router
from services.gateway.routes.links import links_router
from services.gateway.routes.live import follow, tickets_router
from services.gateway.routes.merges import merges_router
from services.gateway.routes.messages import messages_router
from services.gateway.routes.page import assets_router, get_page
from services.gateway.routes.projects import projects_router
from services.gateway.routes.proposal_export import proposal_export_router
from services.gateway.routes.proposal_reviews import proposal_reviews_router
from services.gateway.routes.proposals import proposals_router, run_proposals_router
from services.gateway.routes.provider_trials import provider_trials_router
from services.gateway.routes.providers import providers_router
from services.gateway.routes.queues import queues_router
from services.gateway.routes.rules import rules_router
from services.gateway.routes.run_index import run_index_router
from services.gateway.routes.runs import runs_router
from services.gateway.routes.scoring import scoring_router
from services.gateway.routes.search import search_router
from services.gateway.routes.session import session_router
from services.gateway.routes.task_configs import task_configs_router
from services.gateway.routes.tasks import tasks_router
from services.gateway.routes.telegram_account import telegram_account_router
from services.gateway.routes.telegram_bot import telegram_bot_router
from services.gateway.routes.topics import topics_router
from services.gateway.routes.traces import traces_router
from services.gateway.routes.usage import usage_router
from services.gateway.routes.users import users_router
from services.gateway.routes.versions import versions_router
from services.gateway.routes.webhook import receive_update
from services.gateway.routes.workers import workers_router
from services.gateway.sealing import bind_sealing
from services.gateway.settings import GatewaySettings, check_jaeger_url, parse_health_urls
from services.gateway.standing import Standing
from services.gateway.tracing import trace_requests
from shared.contracts.errors import QueryError
from shared.database.engine import dispose_database
from shared.messaging.connection import close_connection
from shared.messaging.following import follow_events
from shared.messaging.history import read_events
from shared.service.enduring import end_all
from shared.service.health import migrations_of

LARGEST_JSON = 1 << 20
"""Bytes of a JSON request body."""


def create_app(settings: GatewaySettings) -> Litestar:
    """Make the application. Database and NATS must have been bound; neither has to be up.

    Args:
        settings: As read from the environment.

    Raises:
        ValueError: When a setting cannot be used; says which.
    """
    check_bootstrap_key(settings.bootstrap_api_key)
    check_jaeger_url(settings.jaeger_url)
    bind_sealing(settings.encryption_keys)
    write_utf8()
    state = State(
        {
            "settings": settings,
            "health_urls": parse_health_urls(settings.health_urls),
            "key_ring": KeyRing(idle=timedelta(hours=settings.session_idle_hours)),
            "door": Door.of(settings),
            "audit_log": AuditLog(),
            "hub": Hub(
                follow_events, read_events, capacity=settings.socket_queue, history=settings.socket_history
            ),
            "standing": Standing(settings.sockets_per_key),
            "queue_figures": QueueFigures(),
            "migrations": migrations_of("gateway"),
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
                    users_router,
                    ingestion_router,
                    telegram_bot_router,
                    telegram_account_router,
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
                    projects_router,
                    task_configs_router,
                    assignments_router,
                    runs_router,
                    run_index_router,
                    run_proposals_router,
                    proposals_router,
                    proposal_reviews_router,
                    proposal_export_router,
                    traces_router,
                    experiments_router,
                    labels_router,
                    search_router,
                    embeddings_router,
                    tasks_router,
                    queues_router,
                    workers_router,
                    dead_letters_router,
                    dead_letter_bulk_router,
                    tickets_router,
                    keys_router,
                    session_router,
                    audit_router,
                ],
                guards=[only_json],
                security=SECURITY,
            ),
        ],
        state=state,
        guards=[guard],
        lifespan=[_running],
        middleware=[trace_requests, measure, audit],
        cors_config=cors_config(settings.cors_origins),
        before_send=[add_security_headers, say_what_is_allowed],
        exception_handlers={
            HTTPException: on_http_exception,
            QueryError: on_query_error,
            Exception: on_exception,
        },
        openapi_config=openapi_config(),
        plugins=[DescribedStructs()],
        request_class=StrictRequest,
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
    tasks = [app.state.first_key, *(asyncio.create_task(chore) for chore in chores(app.state))]
    tasks.append(asyncio.create_task(app.state.standing.run()))
    async with httpx.AsyncClient(trust_env=False) as app.state.http:
        try:
            yield
        finally:
            await hub.stop()
            await end_all(tasks)
            await close_connection()
            await dispose_database()
