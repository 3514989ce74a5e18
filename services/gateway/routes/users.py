"""Pictures of the people who write."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Schema
from litestar.params import PathParameter
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from services.gateway.etags import IfNoneMatch, is_known
from services.gateway.openapi import DescribedOperation, answers
from shared.contracts.errors import not_found, unavailable
from shared.contracts.telegram import GetAvatar
from shared.messaging.avatars import fetch_avatar
from shared.messaging.queries import ask

_BIGINT: Final = 2**63 - 1
_KEPT: Final = "private, max-age=3600"
"""Pictures change seldom; that somebody's was taken back is noticed within an hour."""

UserId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The `user_id` of a message's author.")]


@dataclass
class PictureOperation(DescribedOperation):
    """An operation that answers with a picture."""

    def __post_init__(self) -> None:
        """Describe it."""
        picture = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(
                description="The picture",
                content=dict.fromkeys(("image/jpeg", "image/png", "image/webp"), picture),
            ),
        }
        super().__post_init__()


@get(
    "/{user_id:int}/avatar",
    summary="Get a person's picture",
    media_type="image/jpeg",
    operation_class=PictureOperation,
    responses=answers(404),
)
async def get_avatar(
    request: Request[Any, Any, Any], user_id: UserId, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """The picture of a user, as the bot fetched it after their first message: JPEG, PNG or WebP.

    404 when none is kept: there is no bot, or Telegram shows it none. 304 without a body for `If-None-Match`.
    """
    del if_none_match
    record = await ask(GetAvatar(user_id=user_id))
    headers = {"ETag": f'"{record.object_name}"', "Cache-Control": _KEPT}
    if is_known(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers, media_type=record.content_type)
    try:
        picture = await fetch_avatar(record.object_name)
    except (NatsError, JetStreamError, OSError, TimeoutError) as error:
        raise unavailable("The message server, which keeps pictures, does not answer.") from error
    if picture is None:
        raise not_found(f"picture of user {user_id}")
    return Response(picture, headers=headers, media_type=record.content_type)


users_router = Router("/users", route_handlers=[get_avatar], tags=["messages"])
