"""Settings of the property tests in this folder."""

from hypothesis import settings

# A shared machine makes single examples slow now and then; the suite's own time limit is the one that counts.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
