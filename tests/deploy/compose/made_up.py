"""Secrets of an installation that is not there."""

from deploy.compose.secrets import complete

KNOWN = complete({})
