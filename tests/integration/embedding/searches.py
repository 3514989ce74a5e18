"""What the tests of search look for, and how they look."""

from typing import Any

from services.embedding.actors import review_vector_spaces_task
from services.embedding.queries import find_by_meaning_and_words
from shared.contracts.embedding import Search, SearchPage
from tests.integration.embedding.world import World, atom, message, scored, work_off

RELEASE = "Переносимо реліз на четвер, бо міграція довша за вікно"
SERVER = "Сервер замовлень відповідає за три секунди"
TILL = "Каса на Подолі не друкує чеки"
MIXED = "П’ятниця: ґанок db-prod-2 перевантажено, деплой відкотили"


def fill(world: World) -> None:
    world.know(
        scored(message(1, RELEASE, chat=1, author=3)),
        scored(message(2, SERVER, chat=1, author=4), "weak_signal"),
        scored(message(3, TILL, chat=7, author=3)),
        scored(message(4, MIXED, chat=7, author=None), "weak_signal"),
        scored(message(5, "реліз? ок", chat=1, author=4), "noise"),
    )
    world.atoms = {
        1: atom(1, "Реліз у четвер", "Реліз переносимо на четвер.", chat_ids=[1, 2]),
        2: atom(2, "Чеки", "Каса не друкує чеки.", atom_type="problem", status="needs_review", chat_ids=[7]),
        3: atom(3, "Реліз", "Реліз у понеділок.", hidden=True),
    }


async def ready() -> None:
    await review_vector_spaces_task()
    await work_off()


async def find(words: str, **narrowed: Any) -> SearchPage:
    return await find_by_meaning_and_words(Search(query=words, **narrowed))


def found(page: SearchPage) -> list[tuple[str, int]]:
    return [(hit.kind, hit.id) for hit in page.items]


def crowd(world: World, count: int = 1500, few: int = 12) -> None:
    """Many messages about one thing, and few in a chat of their own about another."""
    world.know(
        *(scored(message(number, f"Реліз у четвер, частина {number}", chat=1)) for number in range(1, count)),
        *(scored(message(count + number, f"Каса {number}", chat=42)) for number in range(few)),
    )
