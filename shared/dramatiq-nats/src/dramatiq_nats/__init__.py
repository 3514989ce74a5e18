"""A Dramatiq broker on NATS JetStream."""
