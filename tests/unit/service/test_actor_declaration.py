import pytest

from shared.contracts.scoring import ScoreMessage
from shared.service.actors import actor


def test_an_actor_takes_the_fields_of_its_command() -> None:
    @actor(ScoreMessage, time_limit=5, priority=3)
    async def score_message_task(
        message_id: int, message: object, received_at: object = None
    ) -> tuple[int, object]:
        del received_at
        return message_id, message

    assert score_message_task.command is ScoreMessage
    assert score_message_task.time_limit == 5
    assert score_message_task.options == {"priority": 3}


@pytest.mark.anyio
async def test_an_actor_runs_without_a_broker() -> None:
    @actor(ScoreMessage)
    async def score_message_task(
        message_id: int, message: object, received_at: object = None
    ) -> tuple[int, object]:
        del received_at
        return message_id, message

    assert await score_message_task(message_id=7, message=None) == (7, None)


def test_a_function_with_other_parameters_is_refused() -> None:
    with pytest.raises(TypeError, match="must be called score_message_task and take"):

        @actor(ScoreMessage)
        async def score_message_task(message_id: int) -> None:
            del message_id


def test_a_function_of_another_name_is_refused() -> None:
    with pytest.raises(TypeError, match="must be called score_message_task"):

        @actor(ScoreMessage)
        async def score_task(message_id: int, message: object, received_at: object) -> None:
            del message_id, message, received_at
