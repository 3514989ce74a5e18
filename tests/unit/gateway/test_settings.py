"""Settings of the gateway."""

import pytest

from services.gateway.first_key import check_bootstrap_key
from services.gateway.settings import GatewaySettings, check_jaeger_url, parse_health_urls
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


def test_links_to_traces_have_no_slash_too_many() -> None:
    assert GatewaySettings(jaeger_url="http://127.0.0.1:16686/").traces_url == "http://127.0.0.1:16686"
    assert GatewaySettings(jaeger_url="https://tt.example/jaeger").traces_url == "https://tt.example/jaeger"
    assert GatewaySettings().traces_url is None


@pytest.mark.parametrize(
    "url", [None, "http://127.0.0.1:16686", "https://traces.example/jaeger/", "http://[::1]:1"]
)
def test_addresses_of_traces_are_taken(url: str | None) -> None:
    check_jaeger_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:16686",
        "ftp://jaeger",
        "javascript:alert(1)",
        "http://",
        "http://jaeger:99999",
        "http://jaeger:port",
        "http://jaeger/?a=1",
        "http://jaeger/#a",
        "http://[::1",
    ],
)
def test_a_wrong_address_of_traces_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="TT_JAEGER_URL"):
        check_jaeger_url(url)


@pytest.mark.parametrize(
    "url", ["http://user:secret@jaeger", "http://user@jaeger", "ftp://user:secret@jaeger"]
)
def test_an_address_of_traces_has_no_credentials_and_they_are_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="no password") as refused:
        check_jaeger_url(url)
    assert "secret" not in str(refused.value)
