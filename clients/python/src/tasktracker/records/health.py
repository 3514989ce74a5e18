"""Records of health."""

from msgspec import field

from tasktracker.record import Record


class Check(Record, frozen=True, kw_only=True):
    """One thing that was looked at; `detail` says what was found, or what is wrong."""

    ok: bool
    detail: str | None = None


class Health(Record, frozen=True, kw_only=True):
    """The answer of a health endpoint.

    `status` is `ok` only when every check is; `version` is the code's.
    """

    status: str
    checks: dict[str, Check]
    version: str | None = None


class ServiceHealth(Record, frozen=True, kw_only=True):
    """One service's readiness as it tells it itself.

    Attributes:
        detail: Why there is none.
        version: Of the program that answered.
    """

    ok: bool
    detail: str | None = None
    checks: dict[str, Check] = field(default_factory=dict)
    version: str | None = None


class ServicesHealth(Record, frozen=True, kw_only=True):
    """Every service's readiness by its name; `status` is `ok` only when every one is ready.

    Attributes:
        paused: Queues that somebody holds, by name: their services are ready and do nothing. Null when the
            message server cannot be asked.
    """

    status: str
    checks: dict[str, ServiceHealth]
    paused: list[str] | None = None
