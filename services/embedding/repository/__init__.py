"""Every SQL statement of embedding."""
