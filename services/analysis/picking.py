"""Choosing among offered models by what their names say, and finding a name that was meant."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_EMBEDS = re.compile(r"embed|(?:^|[-_/:.])(?:bge|e5|gte|minilm|labse|paraphrase)(?:[-_:.]|$)")
_OTHER_WORK = re.compile(
    r"whisper|tts|dall-e|image|audio|realtime|transcribe|moderation|rerank|davinci|babbage|sora|ocr|guard"
)
_LIKED_CHAT = ("gpt-4.1-mini", "gpt-4o-mini")
_LIKED_EMBEDDINGS = (
    "bge-m3",
    "multilingual-e5",
    "text-embedding-3-small",
    "embeddinggemma",
    "qwen3-embedding",
    "nomic-embed-text-v2",
    "paraphrase-multilingual",
)
"""Those that know Ukrainian, best first."""

_SIZE = re.compile(r"(?:^|[-_:])(\d+(?:\.\d+)?)b(?:[-_:.]|$)")
_MOST_NEAR = 3


def is_embedding_model(model: str) -> bool:
    """Whether a model's name says that it makes vectors."""
    return _EMBEDS.search(model.lower()) is not None


def pick_chat_model(offered: Iterable[str]) -> str | None:
    """A model for chat: a liked one, else the largest by its name, else the first; None if there is none."""
    fit = sorted(model for model in offered if not is_embedding_model(model) and not _does_other_work(model))
    liked = [model for name in _LIKED_CHAT for model in fit if model == name]
    return next(iter(liked or sorted(fit, key=_size, reverse=True)), None)


def pick_embedding_model(offered: Iterable[str]) -> str | None:
    """A model for vectors: one that knows Ukrainian, else the first; None if there is none."""
    fit = sorted(model for model in offered if is_embedding_model(model) and not _does_other_work(model))
    liked = [model for name in _LIKED_EMBEDDINGS for model in fit if name in model.lower()]
    return next(iter(liked or fit), None)


def has_model(offered: Iterable[str], model: str) -> bool:
    """Whether a model is offered; Ollama adds `:latest` to names without a tag."""
    return any(each in (model, f"{model}:latest") for each in offered)


def near_names(offered: Sequence[str], model: str) -> list[str]:
    """The offered names that a name may have meant, nearest first; the first ones when none is near."""
    by_lower = {name.lower(): name for name in offered}
    near = get_close_matches(model.lower(), list(by_lower), n=_MOST_NEAR, cutoff=0.5)
    near += [name for name in by_lower if name.startswith(model.lower()) and name not in near]
    return [by_lower[name] for name in near[:_MOST_NEAR]] or list(offered[:_MOST_NEAR])


def _does_other_work(model: str) -> bool:
    return _OTHER_WORK.search(model.lower()) is not None


def _size(model: str) -> float:
    """Billions of parameters, as the name says."""
    found = _SIZE.search(model.lower())
    return float(found[1]) if found else 0.0
