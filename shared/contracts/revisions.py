"""What others may know of how knowledge changes: versions, merges, rules that approve, and the log of it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import PageSize
from shared.contracts.knowledge import STORABLE, AtomType, Change, Confidence, EntityKind, Id, Person

VersionStatus = Literal["draft", "approved", "rejected"]
RuleTarget = Literal["topic", "atom", "topic_version", "atom_version"]
RuleName = Annotated[str, Meta(min_length=1, max_length=100, pattern=STORABLE)]


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a diff."""

    field: str
    before: Any
    after: Any


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a topic or an atom, numbered per entity from 2: version 1 is what was made first.

    Attributes:
        changes: Against the version that held when this one was written.
        similarity: Of what suggested the change to the entity, 0..1; None when a person wrote it.
        rule_id: The automation rule that decided, where none of the people did.
    """

    id: int
    entity: EntityKind
    entity_id: int
    number: int
    status: VersionStatus
    changes: list[FieldChange]
    reason: str = ""
    confidence: float | None = None
    similarity: float | None = None
    run_id: UUID | None = None
    created_by: str | None = None
    created_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An automation rule: approves by itself what is sure enough.

    Attributes:
        applies_to: `topic` and `atom` are new ones, `topic_version` and `atom_version` drafts of changes.
        min_confidence: At least this, 0..1.
        min_similarity: At least this, 0..1; for versions.
        atom_types: Only these; empty for all.
        approved: How many of its approvals stand.
    """

    id: UUID
    name: str
    enabled: bool
    applies_to: RuleTarget
    min_confidence: float
    min_similarity: float
    atom_types: list[AtomType]
    approved: int = 0
    created_by: str
    created_at: datetime


class MergeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A merge of two topics or two atoms, which can be undone until something else builds on it."""

    id: int
    entity: EntityKind
    kept_id: int
    merged_id: int
    similarity: float | None = None
    run_id: UUID | None = None
    merged_by: str | None = None
    merged_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


class ChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One change by a person, an automation rule, or an extraction that merges: the log is never rewritten.

    Attributes:
        entity_id: The topic or the atom; None for a change of a rule, which `rule_id` names.
        by: The person; None when it was a rule, which `rule_id` names, or an extraction.
        details: What is particular to the change, for example `{"status": "approved", "was": "rejected"}`.
    """

    id: int
    entity: Literal["topic", "atom", "rule"]
    entity_id: int | None = None
    change: Change
    by: str | None = None
    rule_id: UUID | None = None
    details: dict[str, Any] = {}
    at: datetime


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of changes, newest first; `next_cursor` is None on the last page."""

    items: list[ChangeRecord]
    next_cursor: str | None = None


class VersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of versions, newest first; `next_cursor` is None on the last page."""

    items: list[VersionRecord]
    next_cursor: str | None = None


# Commands


class ApplyRule(Command, actor="apply_rule_task", queue="knowledge"):
    """Let a rule approve what waits already, in batches. Its result is `{approved, skipped}`.

    Idempotent: what was approved waits no more. Ends early when the rule was disabled or deleted. Drafts that
    cannot be approved, because what they change has changed since, go on waiting.
    """

    rule_id: UUID


# Queries


class ListVersions(Query[VersionPage], subject="knowledge.list_versions"):
    """Versions, newest first: of one entity, or all that have a status."""

    entity: EntityKind | None = None
    entity_id: Id | None = None
    status: VersionStatus | None = None
    cursor: str | None = None
    limit: PageSize = 50


class ReviewVersion(Query[VersionRecord], subject="knowledge.review_version"):
    """Approve a draft, which makes its changes hold, or reject it.

    `conflict` when someone decided otherwise already, or, with the field, when what it changes has changed
    since. The same person's same decision again is answered as the first.
    """

    version_id: Id
    approve: bool
    by: Person


class MergeTopics(Query[MergeRecord], subject="knowledge.merge_topics"):
    """Take one topic's atoms and messages over into another."""

    kept_id: Id
    merged_id: Id
    by: Person


class MergeAtoms(Query[MergeRecord], subject="knowledge.merge_atoms"):
    """Say that an atom is the duplicate of another, which takes its citations over."""

    kept_id: Id
    merged_id: Id
    by: Person


class ListMerges(Query[list[MergeRecord]], subject="knowledge.list_merges"):
    """Merges, newest first: of one entity, or the latest hundred."""

    entity: EntityKind | None = None
    entity_id: Id | None = None


class UndoMerge(Query[MergeRecord], subject="knowledge.undo_merge"):
    """Put both back as they were; `conflict` says what stands in the way. Undoing it twice is harmless."""

    merge_id: Id
    by: Person


class ListRules(Query[list[RuleRecord]], subject="knowledge.list_rules"):
    """All automation rules, by name; there are at most 200."""


class CreateRule(Query[RuleRecord], subject="knowledge.create_rule"):
    """Make an automation rule; an enabled one approves what waits already, too.

    Asking twice with one id changes nothing. `min_similarity` is for versions, `atom_types` for atoms.
    `conflict` when another one has the name, or there are 200 already.
    """

    rule_id: UUID
    name: RuleName
    applies_to: RuleTarget
    min_confidence: Confidence
    by: Person
    min_similarity: Confidence = 0.0
    atom_types: list[AtomType] = msgspec.field(default_factory=list)
    enabled: bool = True


class UpdateRule(Query[RuleRecord], subject="knowledge.update_rule"):
    """Change the fields that are given; an enabled one then approves what waits already, too."""

    rule_id: UUID
    by: Person
    name: RuleName | msgspec.UnsetType = msgspec.UNSET
    min_confidence: Confidence | msgspec.UnsetType = msgspec.UNSET
    min_similarity: Confidence | msgspec.UnsetType = msgspec.UNSET
    atom_types: list[AtomType] | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class DeleteRule(Query[None], subject="knowledge.delete_rule"):
    """Delete a rule; what it approved stays. Deleting it twice is harmless."""

    rule_id: UUID
    by: Person


class ListChanges(Query[ChangePage], subject="knowledge.list_changes"):
    """What people and automation rules changed, newest first: of one topic or atom, or of all."""

    entity: EntityKind | None = None
    entity_id: Id | None = None
    cursor: str | None = None
    limit: PageSize = 50


# Events


class VersionCreated(Event, event=("knowledge.version_created", "knowledge", "knowledge.version_created")):
    """A topic or an atom has a new version; drafts wait for a decision."""

    version: VersionRecord
