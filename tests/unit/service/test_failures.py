import asyncpg
import pytest
from dramatiq.middleware import Shutdown
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.contracts.errors import QueryError
from shared.service.failures import MOST_RETRIES, NotNow, UnreadableCommand, is_outage, will_retry


class _RefusedError(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


OUTAGES = [
    ConnectionRefusedError("no one listens"),
    TimeoutError("no answer"),
    PoolTimeoutError("all connections are taken"),
    QueryError("unavailable", "ingestion did not answer"),
    DBAPIError("SELECT 1", {}, _RefusedError("57P03")),
    DBAPIError("SELECT 1", {}, _RefusedError("53300")),
    DBAPIError("SELECT 1", {}, _RefusedError("08006")),
    DBAPIError("SELECT 1", {}, asyncpg.InterfaceError("connection is closed"), connection_invalidated=True),
    NotNow("all places are taken"),
]
DEFECTS = [
    ValueError("a bug"),
    QueryError("not_found", "There is no message 7."),
    IntegrityError("INSERT", {}, _RefusedError("23505")),
    DBAPIError("SELECT 1", {}, _RefusedError("42601")),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_an_outage_is_waited_out_without_limit(error: Exception) -> None:
    assert is_outage(error)
    assert will_retry(10_000, error)


@pytest.mark.parametrize("error", DEFECTS, ids=repr)
def test_a_defect_is_given_up_after_some_tries(error: Exception) -> None:
    assert not is_outage(error)
    assert will_retry(MOST_RETRIES - 1, error)
    assert not will_retry(MOST_RETRIES, error)


def test_a_process_that_ends_is_no_fault_of_the_task() -> None:
    assert will_retry(10_000, Shutdown())


def test_what_cannot_be_read_is_given_up_at_once() -> None:
    assert not will_retry(0, UnreadableCommand("score_message_task: expected int"))
