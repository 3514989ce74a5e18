"""Approved proposals as files: JSON, a table, and a text to read. Pure, each over pages of proposals."""
