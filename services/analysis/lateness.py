"""A change made on what is not there any more: refused, so that nobody's change is lost unseen."""

from datetime import datetime

from shared.contracts.errors import QueryError


def check_version(name: str, version: int, seen: int | None) -> None:
    """Refuse a change that was made on another version; None is a change that was made on none.

    Raises:
        QueryError: `conflict` at `version`.
    """
    if seen is not None and seen != version:
        raise QueryError(
            "conflict",
            f"{name!r} was changed meanwhile: it has version {version}, and the change was made on {seen}. "
            "Look at it again.",
            field="version",
        )


def check_unchanged(name: str, updated_at: datetime, unchanged_since: datetime | None) -> None:
    """Refuse a change of something that was changed after it was seen; None is a change by somebody blind.

    Raises:
        QueryError: `conflict` at `updated_at`.
    """
    if unchanged_since is not None and unchanged_since != updated_at:
        raise QueryError(
            "conflict",
            f"{name!r} was changed meanwhile, at {updated_at:%Y-%m-%d %H:%M:%S} UTC. Look at it again.",
            field="updated_at",
        )
