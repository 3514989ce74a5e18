"""Which addresses a provider may have, and the one form in which they are kept."""

import pytest

from services.analysis.addresses import AddressError, is_openai, normalise_base_url, origin


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        (" HTTPS://API.OpenAI.com:443/v1 ", "https://api.openai.com/v1"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1"),
        ("http://ollama.lan:80", "http://ollama.lan/v1"),
        ("http://gpu.example.com./v1", "http://gpu.example.com/v1"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("http://[::1]:8000/openai/", "http://[::1]:8000/openai"),
        ("http://192.168.1.20:8000", "http://192.168.1.20:8000/v1"),
        ("http://моделі.укр:8000", "http://моделі.укр:8000/v1"),
    ],
)
def test_address_is_kept_in_one_form(given: str, kept: str) -> None:
    assert normalise_base_url(given) == kept
    assert normalise_base_url(kept) == kept


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("ftp://models.example.com", "begins with http"),
        ("models.example.com/v1", "begins with http"),
        ("https://", "no host"),
        ("https://models example.com", "no spaces"),
        ("https://models\x00.example.com", "no spaces"),
        ("https://models.example.com/\x01v1", "no spaces"),
        ("https://models.example.com:0", "port 0"),
        ("https://models.example.com:port", "cannot be read"),
        ("https://models.example.com:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://user:secret@models.example.com/v1", "user name or a password"),
        ("https://secret@models.example.com/v1", "user name or a password"),
        ("https://models.example.com/v1?key=secret", "without them"),
        ("https://models.example.com/v1#secret", "without them"),
    ],
)
def test_address_that_cannot_be_used_is_refused_with_the_reason(given: str, complaint: str) -> None:
    with pytest.raises(AddressError, match=complaint) as caught:
        normalise_base_url(given)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::169.254.169.254]",
        "１６９.２５４.１６９.２５４",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "METADATA.google.internal.",
    ],
)
def test_address_of_a_machines_metadata_is_refused_in_any_spelling(host: str) -> None:
    with pytest.raises(AddressError, match="refused"):
        normalise_base_url(f"http://{host}/latest")


def test_servers_differ_by_scheme_host_and_port_alone() -> None:
    assert origin("https://a.example.com/v1") == origin("https://a.example.com:443/api")
    assert origin("https://a.example.com/v1") != origin("http://a.example.com/v1")
    assert origin("https://a.example.com/v1") != origin("https://a.example.com:8443/v1")
    assert origin("https://a.example.com/v1") != origin("https://b.example.com/v1")


def test_only_openais_own_host_is_openai() -> None:
    assert is_openai("https://api.openai.com/v1")
    assert not is_openai("https://api.openai.com.example.com/v1")
    assert not is_openai(None)
