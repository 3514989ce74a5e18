"""Analysis runs: a window of chat, read batch by batch, becomes proposals."""
