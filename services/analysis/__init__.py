"""LLM providers, agents, and what they cost."""
