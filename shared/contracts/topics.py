"""What others may know of topics, and of the messages that people say belong to them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Query
from shared.contracts.ingestion import PageSize
from shared.contracts.knowledge import STORABLE, Id, MessageIds, Person, ReviewStatus, TopicIds

TopicName = Annotated[str, Meta(min_length=1, max_length=100, pattern=STORABLE)]
Description = Annotated[str, Meta(max_length=2000, pattern=STORABLE)]
Icon = Annotated[str, Meta(min_length=1, max_length=16, pattern=STORABLE)]
Colour = Annotated[str, Meta(max_length=7, pattern=r"^#[0-9a-fA-F]{6}$")]


class TopicRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A topic.

    Attributes:
        name: 2 to 4 words, unique whatever the case.
        icon: One emoji.
        colour: `#rrggbb`.
        status: One that was proposed with a confidence below 0.7 needs review.
        version: The number of its present version, 1 as it was made; `drafts` wait for a decision.
        merged_into: The topic that took this one over.
        reviewed_by: Who decided last; None when nobody did.
        rule_id: The automation rule that approved it, where none of the people did.
    """

    id: int
    name: str
    description: str
    icon: str
    colour: str
    status: ReviewStatus
    confidence: float
    atoms: int = 0
    messages: int = 0
    version: int = 1
    drafts: int = 0
    merged_into: int | None = None
    run_id: UUID | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None
    created_at: datetime
    updated_at: datetime


class TopicPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of topics; `next_cursor` is None on the last page."""

    items: list[TopicRecord]
    next_cursor: str | None = None


class LabelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which topic a message is of, as a person gave or confirmed it.

    Attributes:
        source: `given` to the message itself, or `confirmed` with the topic, which it alone is of.
        by: The person.
    """

    message_id: int
    topic_id: int
    source: Literal["given", "confirmed"]
    by: str
    at: datetime


class LabelPage(msgspec.Struct, frozen=True, kw_only=True):
    """Labels in the order of their messages' ids; `next_after_id` is None when there are no more."""

    items: list[LabelRecord]
    next_after_id: int | None = None


# Queries


class ListTopics(Query[TopicPage], subject="knowledge.list_topics"):
    """Topics, those with the latest change first. Merged ones are left out."""

    status: ReviewStatus | None = None
    search: Annotated[str, Meta(max_length=200, pattern=STORABLE)] | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetTopic(Query[TopicRecord], subject="knowledge.get_topic"):
    """One topic; `not_found` when there is none."""

    topic_id: Id


class CreateTopic(Query[TopicRecord], subject="knowledge.create_topic"):
    """A person makes a topic; `conflict` names the one that has the name."""

    name: TopicName
    by: Person
    description: Description = ""
    icon: Icon = "💬"
    colour: Colour = "#64748b"


class EditTopic(Query[TopicRecord], subject="knowledge.edit_topic"):
    """A person's change: holds at once, and is a version.

    `conflict` when `version` is given and is not the topic's.
    """

    topic_id: Id
    by: Person
    name: TopicName | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    icon: Icon | msgspec.UnsetType = msgspec.UNSET
    colour: Colour | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


class ReviewTopic(Query[TopicRecord], subject="knowledge.review_topic"):
    """Approve a topic, reject it, or take the decision back."""

    topic_id: Id
    status: ReviewStatus
    by: Person


class LabelMessages(Query[list[LabelRecord]], subject="knowledge.label_messages"):
    """A person says which topic messages are of; None takes it back. Harmless to repeat.

    Answers the labels that these messages then have. `invalid` when there is no such topic, or no such
    message; `conflict` when the topic was rejected or merged away.
    """

    message_ids: MessageIds
    topic_id: Id | None
    by: Person


class ListLabels(Query[LabelPage], subject="knowledge.list_labels"):
    """Messages whose topic a person gave or confirmed.

    Confirmed is a message that is of one topic alone of those that people approved. Topics that were
    rejected or merged away do not count.
    """

    topic_ids: TopicIds = msgspec.field(default_factory=list)
    after_id: int = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 500
