"""Which scope each way in needs. `python -m services.gateway.access` writes the table of it."""

from services.gateway.access.rules import READING, SCOPE, TOPICS, Access, may_follow, needed, topics_for

__all__ = ["READING", "SCOPE", "TOPICS", "Access", "may_follow", "needed", "topics_for"]
