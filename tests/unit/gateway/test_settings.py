"""Settings of the gateway."""

import pytest

from services.gateway.auth import check_bootstrap_key
from services.gateway.settings import GatewaySettings, parse_health_urls
from shared.service.settings import SettingsError, read_settings


def test_health_urls_are_read_by_name() -> None:
    found = parse_health_urls("ingestion=http://127.0.0.1:1/, scoring=https://scoring:8080")

    assert found == {"ingestion": "http://127.0.0.1:1", "scoring": "https://scoring:8080"}


@pytest.mark.parametrize("text", ["ingestion", "=http://a", "ingestion=ftp://a"])
def test_wrong_health_url_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="TT_HEALTH_URLS"):
        parse_health_urls(text)


def test_short_first_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        check_bootstrap_key("secret")


def test_misspelt_setting_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean TT_WEBHOOK_SECRET"):
        read_settings(GatewaySettings, {"TT_WEBHOOK_SECRETS": "a"})


@pytest.mark.parametrize("secret", ["with space", "щось", "a" * 257])
def test_webhook_secret_is_one_that_telegram_takes(secret: str) -> None:
    with pytest.raises(SettingsError, match="TT_WEBHOOK_SECRET"):
        read_settings(GatewaySettings, {"TT_WEBHOOK_SECRET": secret})


def test_public_url_stands_in_links() -> None:
    assert GatewaySettings(gateway_port=9000).page_url == "http://127.0.0.1:9000"
    assert GatewaySettings(public_url="https://tt.example/").page_url == "https://tt.example"
