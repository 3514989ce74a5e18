"""Bodies are taken as they are: no text for a number, no 0 for false."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from services.gateway.problems import ProblemError, field_at_fault


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON must have the types that the description names.

    Litestar converts a body as it converts query parameters, where `"5"` is a number and `0` is false; who
    sends that in JSON has made a mistake, and had better hear of it.
    """

    async def json(self) -> Any:
        """The body, once it is of the type that its route takes.

        Raises:
            ValidationException: With the first field that is of another type.
            ProblemError: 400 when it is not even text.
        """
        try:
            value = await super().json()
        except UnicodeDecodeError as error:
            raise ProblemError(400, "The body is not UTF-8.") from error
        field = self.route_handler.parsed_data_field
        if field is not None:
            try:
                msgspec.convert(value, field.annotation, strict=True, str_keys=True)
            except msgspec.ValidationError as error:
                fault = field_at_fault(error)
                extra = [{"message": fault.message, "key": fault.field, "source": "body"}]
                raise ValidationException("The body is not valid.", extra=extra) from error
        return value
