"""Vectors and search: by meaning and by words."""
