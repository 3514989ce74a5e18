"""Settings: one frozen Struct a service, read once at start from the environment.

Each field `database_url` is the variable `TT_DATABASE_URL`. A variable with the prefix that no field asks for
is an error that names the nearest one, so that a misspelt setting is never silently ignored.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

PREFIX = "TT_"

Port = Annotated[int, Meta(ge=1, le=65535)]
Settings = TypeVar("Settings", bound="ServiceSettings")


class SettingsError(ValueError):
    """A variable of the environment is missing, unknown or does not fit; says which and what to do."""


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service is told.

    Attributes:
        database_url: `postgresql://role:password@host:port/database`, with the service's own role.
        nats_url: `nats://user:password@host:port`; several of one cluster are separated by commas.
        nats_nkey_file: The file with the seed of the service's NKEY, by which NATS knows it; absent where the
            URL says enough.
        nats_ca_file: The file with the certificates, in PEM, that NATS's own must be signed by; absent for a
            server without TLS, or one whose certificate everybody knows.
        stream_replicas: Copies of every stream, bucket and store that is made on a NATS cluster: 1, 3 or 5.
            One that is there already stays as it is.
        namespace: Keeps installations on one NATS server apart; empty for the only one.
        pool_size: Database connections at the most, a process.
        health_host: Where the service plane listens.
        health_port: The port of `/health/live`, `/health/ready` and `/metrics`.
        log_format: `json` for machines, `pretty` for people.
        log_level: The lowest level that is shown.
        otlp_endpoint: Base URL of an OTLP/HTTP collector for traces; none are made when it is absent.
        trace_ratio: The share of the chains that are traced, from 0 to 1. Imports, extractions, analysis runs
            and experiments are traced always, and so is any chain from its first failure on.
        runtime_dir: Where the processes of one container leave their heartbeats; the system's temporary
            folder when absent.
    """

    database_url: str = "postgresql://127.0.0.1:5432/tasktracker"
    nats_url: str = "nats://127.0.0.1:4222"
    nats_nkey_file: str | None = None
    nats_ca_file: str | None = None
    stream_replicas: Literal[1, 3, 5] = 1
    namespace: Annotated[str, Meta(pattern="^[a-z0-9_-]{0,32}$")] = ""
    pool_size: Annotated[int, Meta(ge=1, le=200)] = 12
    health_host: str = "127.0.0.1"
    health_port: Port = 8080
    log_format: Literal["pretty", "json"] = "json"
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    otlp_endpoint: str | None = None
    trace_ratio: Annotated[float, Meta(ge=0, le=1)] = 1.0
    runtime_dir: str | None = None


def read_settings(kind: type[Settings], environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a service's settings.

    Args:
        kind: The service's Struct.
        environ: The environment; an empty value counts as absent.

    Raises:
        SettingsError: When a variable is unknown or does not fit.
    """
    fields = set(kind.__struct_fields__)
    given = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)
    }
    for name in given:
        if name not in fields:
            raise SettingsError(_unknown(name, fields))
    try:
        return msgspec.convert({name: value for name, value in given.items() if value}, kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        name = f"{PREFIX}{path.rstrip('`').upper()}: " if path else ""
        raise SettingsError(f"{name}{message}") from error


def _unknown(name: str, fields: set[str]) -> str:
    near = get_close_matches(name, fields, n=1, cutoff=0.5)
    hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else ""
    return f"{PREFIX}{name.upper()} is not a setting of this service{hint}"
