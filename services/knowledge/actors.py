"""What knowledge does when it is told to."""

from uuid import UUID

from services.knowledge.applying import apply_rule
from shared.contracts.knowledge import ApplyRule
from shared.service import actor

_HOUR = 3600.0


@actor(ApplyRule, time_limit=_HOUR)
async def apply_rule_task(rule_id: UUID) -> dict[str, int]:
    """Let a rule approve what waits, in batches. A second run finds what the first has not approved."""
    return await apply_rule(rule_id)
