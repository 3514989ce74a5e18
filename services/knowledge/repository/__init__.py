"""Every SQL statement of knowledge, a module a matter."""
