"""How much is embedded, for who watches the system."""

import asyncio
import math

from prometheus_client import REGISTRY

from services.embedding.actors import embed_messages_batch_task
from services.embedding.measuring import watch_coverage
from tests.integration.embedding.test_batches import index, ready
from tests.integration.embedding.world import World, message, scored

DEADLINE = 20.0


def figure(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"tt_embedding_{name}", {"kind": "message"})


def test_share_that_is_embedded_is_told_by_whoever_measures(world: World) -> None:
    world.llm.poison_with("зле")

    async def scenario() -> None:
        await ready()
        texts = ["перше", "друге", "третє", "зле"]
        await index(*(scored(message(number, words)) for number, words in enumerate(texts, 1)))
        await index(scored(message(9, "ну ок"), "noise"))
        await embed_messages_batch_task(message_ids=[1, 2, 4], provider_id=None)
        measuring = asyncio.create_task(watch_coverage())
        async with asyncio.timeout(DEADLINE):
            while figure("missing") != 1.0:  # noqa: ASYNC110 - what is waited for is asked of Postgres
                await asyncio.sleep(0.02)
        assert figure("coverage_ratio") == 2 / 3
        assert figure("failed") == 1.0
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)

    world.run(scenario)
    # Another replica measures from now on: this one's figure must not stand beside it for ever.
    assert math.isnan(figure("coverage_ratio") or 0.0)
