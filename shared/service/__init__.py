"""The frame that a worker container runs in."""
