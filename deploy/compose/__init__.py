"""The whole system in containers: `docker compose up` in this folder. docs/compose.md says how."""
