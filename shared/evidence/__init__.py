"""What holds of what a model says: quotes that stand word for word, and what it is not to repeat."""
