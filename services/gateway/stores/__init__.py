"""SQL about who comes in and what they did: keys, sessions, the audit log."""
