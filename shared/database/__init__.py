"""One schema a service, each with its own role."""
