"""Records of several parts of the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import field

from tasktracker.record import Record, TaggedRecord


class Accepted(Record, frozen=True, kw_only=True):
    """Long work that has begun.

    Attributes:
        task_id: The task, for `GET /api/v1/tasks/{task_id}`.
        run_id: The chain of everything that follows; also the id of its trace.
        status_url: Where to see how it goes.
    """

    task_id: str
    run_id: UUID
    status_url: str


class Citation(Record, frozen=True, kw_only=True):
    """A quote that stands word for word in a message (white space folded).

    `stale` says that the message was edited afterwards and no longer has these words.
    """

    message_id: int
    quote: str
    chat_id: int
    sent_at: datetime
    author: str | None = None
    stale: bool = False


class TopicRef(Record, frozen=True, kw_only=True):
    """A topic in short."""

    id: int
    name: str
    icon: str
    colour: str


class AtomRecord(TaggedRecord, frozen=True, kw_only=True):
    """An atom of knowledge; it has at least one citation.

    Attributes:
        type: One of `problem`, `solution`, `decision`, `question`, `insight`, `pattern`, `requirement`.
        status: One of `needs_review`, `approved`, `rejected`.
        citations: At most the first hundred by time.
        valid_from: For decisions: since when it holds, which is when its last quote was said; `valid_to`
            until when, if a later one replaced it.
        superseded_by: That later one.
        supersedes: Earlier decisions that this one replaces, or will when it is approved.
        merged_into: The atom that took this one over as its duplicate.
        reviewed_by: Who decided last; None when nobody did.
        rule_id: The automation rule that approved it, where none of the people did.
        basic_mode: Found by rules, not by a language model.
        links: How many links from and to it there are.
    """

    id: int
    type: str
    title: str
    content: str
    confidence: float
    status: str
    topics: list[TopicRef] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    drafts: int = 0
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: int | None = None
    supersedes: list[int] = field(default_factory=list)
    merged_into: int | None = None
    run_id: UUID | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None
    basic_mode: bool = False
    links: int = 0
    created_at: datetime
    updated_at: datetime


class AtomPage(Record, frozen=True, kw_only=True):
    """A page of atoms, newest first; `next_cursor` is None on the last page."""

    items: list[AtomRecord]
    next_cursor: str | None = None


class AuthorRecord(Record, frozen=True, kw_only=True):
    """Who wrote a message: a user, or a chat that posts in its own name.

    `has_avatar` says that a picture of the user is kept: `GET /api/v1/users/{user_id}/avatar`.
    """

    user_id: int | None = None
    chat_id: int | None = None
    name: str
    username: str | None = None
    is_bot: bool = False
    has_avatar: bool = False


class ChatRecord(Record, frozen=True, kw_only=True):
    """A chat.

    A group that became a supergroup is one chat, under the id that it has now.

    `ids` are all the ids that the chat has had here, its present one included.
    """

    id: int
    ids: list[int]
    telegram_id: int
    type: str
    title: str | None = None
    username: str | None = None


class Component(Record, frozen=True, kw_only=True):
    """A part of what the team builds.

    Attributes:
        keywords: Words by which a message is about it.
    """

    name: str
    description: str = ""
    keywords: list[str] = field(default_factory=list)


class LinkRecord(Record, frozen=True, kw_only=True):
    """How one atom stands to another: `from_atom` <type> `to_atom`.

    Attributes:
        type: One of `solves`, `supports`, `contradicts`, `continues`, `refines`, `relates_to`,
            `depends_on`.
    """

    id: int
    from_atom: int
    to_atom: int
    type: str
    strength: float
    run_id: UUID | None = None
    created_at: datetime


class MergeRecord(Record, frozen=True, kw_only=True):
    """A merge of two topics or two atoms, which can be undone until something else builds on it.

    Attributes:
        entity: One of `topic`, `atom`.
    """

    id: int
    entity: str
    kept_id: int
    merged_id: int
    similarity: float | None = None
    run_id: UUID | None = None
    merged_by: str | None = None
    merged_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


class PriorityRule(Record, frozen=True, kw_only=True):
    """A proposal that has one of the words is at least this urgent.

    Attributes:
        keywords: Matched as words, whatever their case.
        priority: One of `low`, `medium`, `high`, `critical`.
    """

    keywords: list[str]
    priority: str


class ProjectRecord(TaggedRecord, frozen=True, kw_only=True):
    """What a run works for.

    Attributes:
        language: One of `uk`, `en`.
        chat_ids: The chats it is talked about in; empty is all.
        keywords: Messages with none of them are left out; empty leaves none out.
        mentions: Usernames; a message with `@` and one of them passes, whatever its words and length.
        min_length: Shorter messages are left out, in characters.
        glossary: What the team's words mean, by the word.
        version: Grows with each change; a run keeps the project as it was when it began.
    """

    id: UUID
    name: str
    description: str = ""
    language: str = "uk"
    chat_ids: list[int] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    min_length: int = 0
    glossary: dict[str, str] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)
    priority_rules: list[PriorityRule] = field(default_factory=list)
    version: int = 1
    created_at: datetime
    updated_at: datetime


class ProposalQuote(Record, frozen=True, kw_only=True):
    """A piece of a message, word for word."""

    message_id: int
    quote: str
    author_name: str | None = None
    sent_at: datetime | None = None


class SimilarProposal(Record, frozen=True, kw_only=True):
    """An earlier proposal that a new one resembles.

    Attributes:
        status: One of `pending`, `approved`, `rejected`, `merged`.
        similarity: Cosine of the two, 0..1.
    """

    proposal_id: UUID
    title: str
    status: str
    similarity: float


class ProposalRecord(TaggedRecord, frozen=True, kw_only=True):
    """A task that somebody should do, as a run understands the chat.

    Attributes:
        batch: The run's batch that it comes from, from 1.
        status: One of `pending`, `approved`, `rejected`, `merged`.
        category: One of `bug`, `feature`, `improvement`, `question`, `docs`, `chore`.
        priority: One of `low`, `medium`, `high`, `critical`.
        component: The project's component that it is about.
        details: What the run's task config asks for beside.
        confidence: 0..1; at most 0.6 in basic mode.
        recommendation: One of `approve`, `review`, `reject`.
        novelty: Whether it was proposed before: again the same (`duplicate_of`), or more of it
            (`update_of`). One of `new`, `duplicate_of`, `update_of`.
        similar: The earlier proposal that is meant.
        edited: A person changed it.
        merged_into: The proposal that took it over.
        version: Grows with each change; an edit can name the one that it was made on.
    """

    id: UUID
    run_id: UUID
    project_id: UUID
    batch: int
    status: str
    title: str
    description: str
    category: str
    priority: str
    tags: list[str] = field(default_factory=list)
    sub_tasks: list[str] = field(default_factory=list)
    component: str | None = None
    details: dict[str, Any] | None = None
    quotes: list[ProposalQuote]
    atom_ids: list[int] = field(default_factory=list)
    confidence: float
    reasoning: str
    recommendation: str
    novelty: str = "new"
    similar: SimilarProposal | None = None
    basic_mode: bool = False
    edited: bool = False
    merged_into: UUID | None = None
    version: int = 1
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    created_at: datetime
    updated_at: datetime


class ProposalPage(Record, frozen=True, kw_only=True):
    """Proposals, in the order of the list."""

    items: list[ProposalRecord]
    next_cursor: str | None = None


class TaskConfigRecord(TaggedRecord, frozen=True, kw_only=True):
    """What a run is to produce beside a proposal's own fields.

    Attributes:
        instructions: Said to the model beside the prompt.
        details_schema: JSON Schema (draft 2020-12) of each proposal's `details`; None asks for none.
    """

    id: UUID
    name: str
    description: str = ""
    instructions: str = ""
    details_schema: dict[str, Any] | None = None
    created_at: datetime
    updated_at: datetime
