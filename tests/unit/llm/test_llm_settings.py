"""The settings of services that call language models."""

import pytest

from shared.llm import SealedKeyError, new_encryption_key, seal, unseal
from shared.llm.binding import bound_llm
from shared.service import SettingsError, read_settings
from shared.service.llm_settings import LlmSettings, bind_language_models


def test_what_the_environment_says_is_bound() -> None:
    environ = {
        "TT_ENCRYPTION_KEYS": new_encryption_key(),
        "TT_LOCAL_EMBEDDINGS_URL": "http://embeddings:8000/v1",
        "TT_NATS_URL": "nats://nats:4222",
        "TT_NAMESPACE": "two",
    }
    bind_language_models(read_settings(LlmSettings, environ))
    bound = bound_llm()
    assert bound.local_embeddings_url == "http://embeddings:8000/v1"
    assert (bound.nats_url, bound.namespace) == ("nats://nats:4222", "two")
    assert unseal(seal("sk-1")) == "sk-1"


def test_keys_may_be_absent_until_one_is_needed() -> None:
    bind_language_models(read_settings(LlmSettings, {}))
    with pytest.raises(SealedKeyError, match="TT_ENCRYPTION_KEYS is not set"):
        seal("sk-1")


def test_malformed_key_and_misspelt_variable_stop_the_start() -> None:
    with pytest.raises(SealedKeyError, match="Key 1 of TT_ENCRYPTION_KEYS"):
        bind_language_models(read_settings(LlmSettings, {"TT_ENCRYPTION_KEYS": "abc"}))
    with pytest.raises(SettingsError, match="did you mean TT_ENCRYPTION_KEYS"):
        read_settings(LlmSettings, {"TT_ENCRYPTION_KEY": "abc"})
