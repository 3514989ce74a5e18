"""Places: no more calls at once than a provider allows, whoever makes them and however they end."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dramatiq_nats import rate_limits
from shared.contracts.errors import QueryError
from shared.llm import ProviderUnavailableError, bind_llm
from shared.llm.places import places, places_for
from tests.fakes.llm import Hangs, Says
from tests.integration.llm.stage import GOOD, Stage


@contextmanager
def asking(stage: Stage, *names: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that asks questions."""
    given = [stage.llm.url, stage.database_url, stage.nats_url, stage.namespace, ",".join(names)]
    with subprocess.Popen([sys.executable, "-m", "tests.integration.llm.asking", *given]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_processes_share_the_places(stage: Stage) -> None:
    stage.llm.api_key = None
    stage.llm.chat.always(Says(GOOD, after=0.1))
    with asking(stage, "a", "b", "c", "d") as one, asking(stage, "e", "f", "g", "h") as other:
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert len(stage.llm.chat.requests) == 8
    assert stage.llm.most_at_once == 2


def test_killed_process_gives_its_places_back_after_a_while(stage: Stage) -> None:
    stage.llm.api_key = None
    stage.llm.chat.then(Hangs(), Hangs())
    with asking(stage, "a", "b") as killed:
        stage.llm.chat.wait_for(2)
        killed.kill()
        killed.wait()
    with asking(stage, "a", "b") as next_one:
        assert next_one.wait(60) == 0
    assert len(stage.llm.chat.requests) == 4


def test_waiting_for_a_place_is_bounded(stage: Stage) -> None:
    async def scenario() -> None:
        provider = stage.provider(max_concurrency=1).provider
        async with places().place(provider, wait=5):
            with pytest.raises(ProviderUnavailableError, match="had none of its 1 places free") as caught:
                async with places().place(provider, wait=0.2):
                    raise AssertionError
            assert caught.value.kind == "place"
        async with places().place(provider, wait=5):
            pass

    stage.run(scenario)


def test_cancelled_waiters_neither_keep_nor_take_a_place(stage: Stage) -> None:
    async def scenario() -> None:
        provider = stage.provider(max_concurrency=2, document_model=None).provider

        async def take() -> None:
            async with places().place(provider, wait=20):
                await asyncio.sleep(0)

        for _ in range(20):
            crowd = [asyncio.create_task(take()) for _ in range(10)]
            await asyncio.sleep(0)
            for number, task in enumerate(crowd):
                if number % 3:
                    task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        async with places().place(provider, wait=10), places().place(provider, wait=10):
            pass

    stage.run(scenario)


def test_urgent_calls_have_a_place_of_their_own(stage: Stage) -> None:
    provider = stage.provider(max_concurrency=2).provider

    async def scenario() -> None:
        async with places().place(provider, wait=5), places().place(provider, wait=5, urgent=True):
            with pytest.raises(ProviderUnavailableError):
                async with places().place(provider, wait=0.1, urgent=True):
                    raise AssertionError

    stage.run(scenario)
    assert places_for(stage.provider(max_concurrency=1).provider, urgent=False) == 1
    assert places_for(stage.provider(document_model=None, max_concurrency=4).provider, urgent=False) == 4


def test_missing_message_server_is_an_outage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_PATIENCE", 0.3)
    provider = stage.provider().provider

    async def scenario() -> str:
        bind_llm(encryption_keys="", local_embeddings_url="", nats_url="nats://127.0.0.1:1")
        with pytest.raises(QueryError) as caught:
            async with places().place(provider, wait=20):
                raise AssertionError
        return caught.value.code

    assert stage.run(scenario) == "unavailable"
