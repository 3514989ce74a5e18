"""Questions and answers over real HTTP: what is asked, read, repaired, cached and accounted for."""

import pytest

from shared.contracts.analysis import LlmCall
from shared.llm import Reply
from tests.fakes.llm import Says
from tests.integration.llm.stage import GOOD, Stage, Verdict, judge, recorded_calls


def test_answer_fits_and_is_accounted_for(stage: Stage) -> None:
    stage.llm.chat.always(Says(GOOD, usage=(1000, 100)))

    async def scenario() -> tuple[Reply[Verdict], list[LlmCall]]:
        return await stage.session().chat.ask(judge("Дякую!")), await recorded_calls()

    reply, calls = stage.run(scenario)
    assert reply.answer == Verdict("good", 0.9)
    assert [call.cost for call in calls] == [pytest.approx(0.0012)]
