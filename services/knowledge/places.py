"""Places for the extractions that one process works on at the same time."""

from services.knowledge.settings import KnowledgeSettings
from shared.service import read_settings
from shared.service.places import Places

_PLACES = Places("extractions", lambda: read_settings(KnowledgeSettings).extractions_at_once)

place = _PLACES.place
"""Holds one of the process's places."""
