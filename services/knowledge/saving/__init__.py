"""Saving what became of one conversation, all of it in one transaction, once."""

from services.knowledge.saving.conversation import save, save_nothing
from services.knowledge.saving.work import ChangedError, OutdatedError

__all__ = ["ChangedError", "OutdatedError", "save", "save_nothing"]
