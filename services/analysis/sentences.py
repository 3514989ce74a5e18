"""What went wrong with a provider, and what to do, in words for whoever set it up."""

from services.analysis.reach import UnreachableError
from shared.contracts.analysis import ProviderRecord
from shared.llm import ProviderUnavailableError


def explain(provider: ProviderRecord, error: Exception) -> str:
    """A sentence or two about a failed trial."""
    said = str(error)
    if provider.basic_mode and isinstance(error, UnreachableError | ProviderUnavailableError):
        return f"The local embedding server is not there. {said} See TT_LOCAL_EMBEDDINGS_URL."
    if isinstance(error, ProviderUnavailableError):
        return f"{said} {_advice(said, error.kind)}"
    return said


def _advice(said: str, kind: str) -> str:
    """What to do about a server that does not answer."""
    if "[SSL: CERTIFICATE" in said:
        return (
            "Its certificate is not trusted here: correct base_url, or name its authority in SSL_CERT_FILE."
        )
    if "[SSL" in said:
        return "It does not speak TLS there: is it http:// rather than https://?"
    if kind == "timeout":
        return "Raise timeout_seconds, or look at what keeps the server busy."
    return "Look at the server, and validate it again."
