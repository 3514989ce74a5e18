"""What the API does, a module a part of it."""
