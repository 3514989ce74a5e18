"""What is sent about proposals, and the parameters by which they are listed."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from shared.contracts.proposals import (
    Category,
    Decision,
    Description,
    Novelty,
    Priority,
    ProposalStatus,
    Reason,
    SubTasks,
    Tags,
    Title,
)

RunFilter = Annotated[UUID | None, QueryParameter(description="Only proposals of this run.")]
ProjectFilter = Annotated[UUID | None, QueryParameter(description="Only proposals of this project.")]
StatusFilter = Annotated[ProposalStatus | None, QueryParameter(description="Only proposals that stand so.")]
CategoryFilter = Annotated[Category | None, QueryParameter(description="Only proposals of this kind.")]
PriorityFilter = Annotated[Priority | None, QueryParameter(description="Only proposals this urgent.")]
NoveltyFilter = Annotated[
    Novelty | None, QueryParameter(description="Only proposals that are new, or that repeat or add to one.")
]
ConfidenceFilter = Annotated[
    float | None,
    # Litestar describes no bound that is zero.
    QueryParameter(
        ge=0, le=1, schema_extra={"minimum": 0}, description="Only proposals at least this sure, 0 to 1."
    ),
]


class ProposalEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and a list that is given takes the place of the one before.

    Attributes:
        version: The version that the change was made on; 409 when there is a later one.
    """

    version: int | None = None
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    sub_tasks: SubTasks | UnsetType = UNSET


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is decided so, in one's own words."""

    reason: Reason = ""


class MergeIntoProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which proposal takes this one over."""

    into: UUID
    reason: Reason = ""


class ReviewOfMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision about 1 to 200 proposals."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    decision: Decision
    reason: Reason = ""
