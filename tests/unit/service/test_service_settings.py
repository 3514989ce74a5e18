import pytest

from shared.service.settings import ServiceSettings, SettingsError, read_settings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    batch_size: int = 500


def test_what_is_not_said_has_its_default() -> None:
    assert read_settings(Settings, {"PATH": "/bin"}) == Settings()


def test_each_field_is_the_variable_of_its_name() -> None:
    environ = {"TT_BATCH_SIZE": "20", "TT_NATS_URL": "nats://elsewhere:1", "TT_HEALTH_PORT": "81"}
    assert read_settings(Settings, environ) == Settings(
        batch_size=20, nats_url="nats://elsewhere:1", health_port=81
    )


def test_an_empty_value_counts_as_absent() -> None:
    assert read_settings(Settings, {"TT_BATCH_SIZE": ""}).batch_size == 500


def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        SettingsError, match=r"TT_DATABSE_URL is not a setting.*did you mean TT_DATABASE_URL\?"
    ):
        read_settings(Settings, {"TT_DATABSE_URL": "postgresql://x"})


def test_a_variable_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(SettingsError, match=r"TT_QQQ is not a setting of this service$"):
        read_settings(Settings, {"TT_QQQ": "1"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TT_BATCH_SIZE", "many"),
        ("TT_HEALTH_PORT", "0"),
        ("TT_POOL_SIZE", "-1"),
        ("TT_LOG_FORMAT", "xml"),
        ("TT_NAMESPACE", "with.dots"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}: "):
        read_settings(Settings, {variable: value})
