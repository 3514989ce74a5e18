"""What Schemathesis has to know of this API, and a check of its own."""

import itertools
import os
import re
from typing import Any
from uuid import UUID

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

_OWN_KEY = os.environ.get("TASKTRACKER_KEY_ID", "")
_ANOTHER_KEY = str(UUID(int=1))
_LONGEST_KEY = 200
_OF_FORM = re.compile(r"Expected |Invalid |Object |It is required|Must have ")
_INTEGRAL = re.compile(r"Expected `int( \| null)?`, got `float`")

_numbers = itertools.count()


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Name every request anew, as the second one with a key does nothing; spare the key that lets us in."""
    name = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(name, str) and 0 < len(name) <= _LONGEST_KEY:
        case.headers["Idempotency-Key"] = f"{name}-{next(_numbers)}"
    if case.method != "GET" and str((case.path_parameters or {}).get("key_id")) == _OWN_KEY:
        case.path_parameters["key_id"] = _ANOTHER_KEY


@schemathesis.check
def form_is_as_described(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """What fits the description is not refused for its form, only for what it says.

    JSON Schema takes 5.0 for a whole number, which this API does not: no program writes one so.
    """
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for error in response.json().get("errors", []):
        # A task's arguments have the form that the catalogue has of them.
        of_form = "source" in error and not error["field"].startswith("arguments")
        if of_form and _OF_FORM.match(error["message"]) and not _INTEGRAL.match(error["message"]):
            raise AssertionError(f"refused for its form: {error}")
