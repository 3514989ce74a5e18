"""How services talk: outbox and relay, commands, events, queries."""
