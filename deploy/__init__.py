"""The same system in three sizes."""
