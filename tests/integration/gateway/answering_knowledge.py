"""A small knowledge that answers every query with an example, or with a refusal, and remembers what came."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from services.gateway.routes.knowledge_examples import (
    ATOM,
    CHANGE,
    EXTRACTION,
    KNOWLEDGE_STATS,
    LINK,
    MERGE,
    OUTCOMES,
    RULE,
    TOPIC,
    VERSION,
)
from shared.contracts.atoms import (
    AtomPage,
    CreateAtom,
    CreateLink,
    DeleteLink,
    EditAtom,
    GetAtom,
    ListAtoms,
    ListLinks,
    ReviewAtom,
    ReviewAtoms,
    SupersedeAtom,
)
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.extraction import (
    CancelExtraction,
    ExtractionPage,
    GetExtraction,
    GetKnowledgeStats,
    ListExtractions,
    StartExtraction,
)
from shared.contracts.revisions import (
    ChangePage,
    CreateRule,
    DeleteRule,
    ListChanges,
    ListMerges,
    ListRules,
    ListVersions,
    MergeAtoms,
    MergeTopics,
    ReviewVersion,
    UndoMerge,
    UpdateRule,
    VersionPage,
)
from shared.contracts.topics import CreateTopic, EditTopic, GetTopic, ListTopics, ReviewTopic, TopicPage
from shared.messaging.queries import Handler

ANSWERS: dict[type[Query[Any]], Any] = {
    ListTopics: TopicPage(items=[TOPIC], next_cursor="WzFd"),
    GetTopic: TOPIC,
    CreateTopic: TOPIC,
    EditTopic: TOPIC,
    ReviewTopic: TOPIC,
    MergeTopics: MERGE,
    ListAtoms: AtomPage(items=[ATOM]),
    GetAtom: ATOM,
    CreateAtom: ATOM,
    EditAtom: ATOM,
    ReviewAtom: ATOM,
    ReviewAtoms: OUTCOMES,
    SupersedeAtom: ATOM,
    MergeAtoms: MERGE,
    ListLinks: [LINK],
    CreateLink: LINK,
    DeleteLink: None,
    ListVersions: VersionPage(items=[VERSION]),
    ReviewVersion: VERSION,
    ListMerges: [MERGE],
    UndoMerge: MERGE,
    ListRules: [RULE],
    CreateRule: RULE,
    UpdateRule: RULE,
    DeleteRule: None,
    ListChanges: ChangePage(items=[CHANGE]),
    GetKnowledgeStats: KNOWLEDGE_STATS,
    ListExtractions: ExtractionPage(items=[EXTRACTION]),
    GetExtraction: EXTRACTION,
    CancelExtraction: EXTRACTION,
}


@dataclass
class Knowledge:
    """What it refuses, and which queries came."""

    asked: list[Any] = field(default_factory=list)
    refusal: QueryError | None = None

    def clear(self) -> None:
        """Remember nothing and refuse nothing."""
        self.asked.clear()
        self.refusal = None

    def handlers(self) -> dict[type, Handler]:
        """One for each query."""
        return dict.fromkeys(ANSWERS, self._answering) | {StartExtraction: self._start}

    async def _answering(self, query: Any) -> Any:
        self._note(query)
        return ANSWERS[type(query)]

    async def _start(self, query: StartExtraction) -> Any:
        self._note(query)
        return [msgspec.structs.replace(EXTRACTION, id=query.run_id), EXTRACTION]

    def _note(self, query: Any) -> None:
        self.asked.append(query)
        if self.refusal is not None:
            raise self.refusal
