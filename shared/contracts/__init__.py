"""The commands, queries, events and records by which services know each other: one module a domain."""
