"""Calling Telegram in answer to a question: with the bot's own token, its failures as ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from services.ingestion.bot.api import BotApi, open_api
from services.ingestion.bot.errors import (
    BotApiError,
    RefusedError,
    TooManyRequestsError,
    UnknownTokenError,
)
from services.ingestion.repository.bots import BotRow
from services.ingestion.settings import IngestionSettings
from shared.contracts.errors import QueryError
from shared.sealing import SealedKeyError, unseal
from shared.service import read_settings

TELEGRAM = "https://api.telegram.org"
WHAT = "The bot's token"


def api_url() -> str:
    """The server of the Bot API."""
    return read_settings(IngestionSettings).telegram_api_url


@asynccontextmanager
async def api_of(bot: BotRow) -> AsyncIterator[BotApi]:
    """The Bot API with a bot's token.

    Raises:
        SealedKeyError: The token cannot be opened.
    """
    async with open_api(api_url(), unseal(bot.sealed_token, what=WHAT)) as api:
        yield api


@contextmanager
def as_query_errors(*, field: str | None = None) -> Iterator[None]:
    """Turn what goes wrong into typed failures of a query.

    Args:
        field: At fault when Telegram refuses what was given.

    Raises:
        QueryError: `unavailable`, when later may help; `conflict`, when the token must be set again;
            `invalid`, when Telegram refuses what was given.
    """
    try:
        yield
    except SealedKeyError as error:
        raise QueryError("conflict", str(error)) from error
    except UnknownTokenError as error:
        raise QueryError("conflict", str(error)) from error
    except RefusedError as error:
        raise QueryError("invalid", str(error), field=field) from error
    except TooManyRequestsError as error:
        raise QueryError("unavailable", str(error), retry_after=error.retry_after) from error
    except BotApiError as error:
        raise QueryError("unavailable", str(error)) from error
