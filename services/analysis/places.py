"""Places for the runs and experiments that one process works on at the same time."""

from services.analysis.settings import AnalysisSettings
from shared.service import read_settings
from shared.service.places import Places

_PLACES = Places("runs and experiments", lambda: read_settings(AnalysisSettings).long_work_at_once)

place = _PLACES.place
"""Holds one of the process's places."""
