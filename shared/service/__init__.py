"""The frame that a worker container runs in."""

from shared.service.actors import Actor, actor
from shared.service.broker import build_broker
from shared.service.failures import FinalFailure, NotNow
from shared.service.plane import run_plane
from shared.service.sending import sent_at
from shared.service.service import Periodic, Reaction, Service, bind_process, describe_service
from shared.service.settings import ServiceSettings, SettingsError, read_settings

__all__ = [
    "Actor",
    "FinalFailure",
    "NotNow",
    "Periodic",
    "Reaction",
    "Service",
    "ServiceSettings",
    "SettingsError",
    "actor",
    "bind_process",
    "build_broker",
    "describe_service",
    "read_settings",
    "run_plane",
    "sent_at",
]
