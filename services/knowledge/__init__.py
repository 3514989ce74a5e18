"""Topics and atoms: what a chat knows, with its quotes."""
