"""Telegram's credentials among ingestion's settings: both, or neither."""

import pytest

from services.ingestion.settings import IngestionSettings
from shared.service.settings import SettingsError, read_settings

_ID, _HASH = "TT_TELEGRAM_API_ID", "TT_TELEGRAM_API_HASH"
_GOOD = {_ID: "12345", _HASH: "0123456789abcdef0123456789abcdef"}


def test_both_are_taken_and_neither_is_fine() -> None:
    assert read_settings(IngestionSettings, _GOOD).telegram_api_id == 12345
    assert read_settings(IngestionSettings, {}).telegram_api_id is None
    assert read_settings(IngestionSettings, {_ID: "", _HASH: ""}).telegram_api_hash == ""


@pytest.mark.parametrize("missing", [_ID, _HASH])
def test_half_of_them_is_refused_by_name(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        read_settings(IngestionSettings, {name: value for name, value in _GOOD.items() if name != missing})


def test_hash_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match=_HASH):
        read_settings(IngestionSettings, {**_GOOD, _HASH: "my application"})
