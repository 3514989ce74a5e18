"""What is said in these tests, what is made of it, and looking at that."""

from typing import Any

from services.knowledge.queries import knowledge_stats, page_of_extractions
from services.knowledge.reviews.atoms import page_of_atoms
from services.knowledge.reviews.topics import page_of_topics
from services.knowledge.reviews.versions import page_of_versions
from shared.contracts.atoms import AtomRecord, ListAtoms
from shared.contracts.extraction import ExtractionRecord, GetKnowledgeStats, ListExtractions, PendingState
from shared.contracts.revisions import ListVersions, VersionRecord
from shared.contracts.topics import ListTopics, TopicRecord
from tests.integration.knowledge.extraction.answers import answering, atom, lines, of_these
from tests.integration.knowledge.extraction.looking import rows
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent

TALK = (
    "Черга стоїть уже годину, обробник падає",
    "Причина в пам'яті: обробник з'їдає 4 ГБ",
    "Перезапустив обробник, черга пішла",
    "Вирішили: обробник перезапускаємо щоночі о 3:00",
    "Хто стежить за чергою на вихідних?",
    "Щоп'ятниці черга росте вдвічі",
    "Обробник має повідомляти про пам'ять завчасно",
    "Заміряла: одне повідомлення бере 12 мс",
    "Додам сповіщення в канал чергових",
    "Домовилися: за чергу відповідає Тарас",
)


def say(stage: Stage, *texts: str, first: int = 1, **said: Any) -> None:
    for number, words in enumerate(texts or TALK, start=first):
        stage.world.say(number, words, **said)


async def extracted(stage: Stage) -> None:
    """Take all messages in, and run what that sets off."""
    await do(stage.world.considered())
    await do_sent()


async def extractions() -> list[ExtractionRecord]:
    return (await page_of_extractions(ListExtractions())).items


async def atoms(**wanted: Any) -> list[AtomRecord]:
    return sorted((await page_of_atoms(ListAtoms(**wanted))).items, key=lambda each: each.id)


async def topics() -> list[TopicRecord]:
    return (await page_of_topics(ListTopics())).items


SECOND = tuple(f"{words}, знову" for words in TALK)


def first_line(**fields: Any) -> Any:
    """Only the first line of a conversation is an atom."""
    return lambda request: of_these(atom(lines(request)[0], **fields))


async def twice(stage: Stage, **second: Any) -> None:
    """Extract one conversation, and later another one."""
    say(stage, minutes_ago=600)
    await extracted(stage)
    say(stage, *SECOND, first=100, minutes_ago=300)
    if second:
        stage.llm.chat.always(answering(**second))
    await do(stage.world.considered(range(100, 110)))
    await do_sent()


async def drafts() -> list[VersionRecord]:
    return (await page_of_versions(ListVersions(status="draft"))).items


async def pending() -> PendingState:
    return (await knowledge_stats(GetKnowledgeStats())).pending


async def saved() -> int:
    return len(await rows("SELECT id FROM knowledge.topics UNION ALL SELECT id FROM knowledge.atoms"))
