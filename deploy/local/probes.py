"""Whether a program is ready, and why not."""

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import msgspec

from deploy.local import postgres

# None: ready. Else the reason, to end a sentence like "scoring is not ready: …".
Probe = Callable[[], Awaitable[str | None]]

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For plain HTTP on this machine: to read who may certify servers takes longer than the rest of a request."""


def postgres_probe(directory: Path) -> Probe:
    """Ready when the server of this home says so in its lock file."""

    async def probe() -> str | None:
        return None if postgres.is_ready(directory) else "it does not take connections yet"

    return probe


def http_probe(url: str) -> Probe:
    """Ready when GET answers 2xx; else the reason is the status and the beginning of the body."""

    async def probe() -> str | None:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False, verify=NO_AUTHORITIES) as client:
                answer = await client.get(url)
        except httpx.TimeoutException:
            return "it does not answer within 5 s"
        except httpx.TransportError:
            return "it does not listen yet"
        return None if answer.is_success else f"HTTP {answer.status_code} {_reasons(answer.content)}"

    return probe


def _reasons(body: bytes) -> str:
    """The checks that fail, of a health answer; else the beginning of what was answered."""
    try:
        answer = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return " ".join(body[:200].decode(errors="replace").split())
    checks = answer.get("checks") if isinstance(answer, dict) else None
    if not isinstance(checks, dict):
        return body[:300].decode(errors="replace")
    failing = [
        f"{name} ({check.get('detail') or 'not ok'})"
        for name, check in checks.items()
        if isinstance(check, dict) and not check.get("ok")
    ]
    return ", ".join(failing)[:300]
