"""With the real local model: what was meant is found in other words and in another language."""

import pytest

from services.embedding.actors import review_vector_spaces_task
from services.embedding.queries import find_by_meaning_and_words
from shared.contracts.embedding import Search, SearchPage
from tests.conftest import Database
from tests.fakes.llm import LlmServer
from tests.integration.embedding.world import World, message, scored, work_off

SAID = [
    "Вирішили: переносимо реліз на четвер, бо міграція бази довша за нічне вікно",
    "Клієнтка зі Львова дев'ятнадцять днів чекає на повернення грошей",
    "The office printer is out of toner again",
    "Сервер падает по памяти после обновления драйвера",
    "Нова співробітниця досі не має доступу до репозиторію",
    "Опалення в переговорній не працює, усі сидять у куртках",
]


@pytest.fixture
def local(database: Database, nats_url: str, namespace: str, embeddings_url: str) -> World:
    """Everything around embedding; the active embedder uses the real local model."""
    world = World(LlmServer(url=embeddings_url), database, nats_url, namespace)
    world.use(
        type="local", base_url=None, basic_mode=True, document_model="e5-passage", query_model="e5-query"
    )
    world.know(*(scored(message(number, text)) for number, text in enumerate(SAID, 1)))
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("реліз відкладається через базу даних", 1),
        ("customer waits for a refund", 2),
        ("принтер в офісі без тонера", 3),
        ("out of memory crash", 4),
        ("it is cold in the meeting room", 6),
    ],
)
def test_paraphrase_and_other_languages_are_found(local: World, query: str, expected: int) -> None:
    async def scenario() -> SearchPage:
        await review_vector_spaces_task()
        await work_off()
        return await find_by_meaning_and_words(Search(query=query))

    page = local.run(scenario)
    assert page.items[0].id == expected
    assert (page.basic_mode, page.degraded) == (True, None)
