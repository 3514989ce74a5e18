"""Classification experiments: how well a model, or basic mode, sorts labelled messages into topics."""
