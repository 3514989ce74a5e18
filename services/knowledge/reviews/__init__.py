"""What knowledge answers to people who read and review it, a module a matter."""

from services.knowledge.reviews import (
    atoms,
    changes,
    decisions,
    labels,
    links,
    merges,
    rules,
    topics,
    versions,
)

MODULES = [topics, atoms, decisions, links, labels, versions, merges, rules, changes]
"""The modules of query handlers, for `describe_service`."""
