"""Basic mode: tasks proposed by rules, from atoms and the words around them. Pure and deterministic."""
