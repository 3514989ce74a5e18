import asyncio

import pytest

from shared.service import health


async def _good() -> str | None:
    return "at 0001"


async def _refused() -> str | None:
    raise ConnectionRefusedError("nobody listens\nand more lines")


async def _hangs() -> str | None:
    await asyncio.Event().wait()
    return None


@pytest.mark.anyio
async def test_all_good_is_ok() -> None:
    found = await health.look({"migrations": _good})
    assert found == health.Health("ok", {"migrations": health.Check(True, "at 0001")})


@pytest.mark.anyio
async def test_one_failure_fails_the_whole_and_is_named_in_one_line() -> None:
    found = await health.look({"migrations": _good, "postgres": _refused})
    assert found.status == "failing"
    assert found.checks["postgres"] == health.Check(False, "nobody listens")
    assert found.checks["migrations"].ok


@pytest.mark.anyio
async def test_a_dependency_that_hangs_does_not_hang_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_PATIENCE", 0.05)
    found = await asyncio.wait_for(health.look({"nats": _hangs, "postgres": _good}), 10)
    assert found.checks["nats"] == health.Check(False, "no answer within 0.05 s")
    assert found.checks["postgres"].ok
