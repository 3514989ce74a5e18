"""The records of Telegram's account and history that stand as examples in the API's description."""

from datetime import UTC, datetime

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.history import AccountRecord, TelegramChatPage, TelegramChatRecord
from shared.contracts.ingestion import HistoryChatRecord, JobRecord

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)

NO_ACCOUNT = AccountRecord(state="none", is_configured=True)
CODE_SENT = AccountRecord(
    state="code_sent", is_configured=True, phone="+••••••••••67", code_via="app", code_sent_at=_AT
)
ACCOUNT = AccountRecord(
    state="signed_in",
    is_configured=True,
    phone="+••••••••••67",
    telegram_id=418230771,
    name="Олена Коваль",
    username="olena_k",
    signed_in_at=_AT,
)
CHATS = TelegramChatPage(
    items=[
        TelegramChatRecord(
            telegram_id=-1001234567890,
            type="supergroup",
            title="Backend",
            is_forum=True,
            last_message_at=_AT,
            chat_id=1,
            messages=1180,
        )
    ],
    listed_at=_AT,
)
HISTORY_JOB = JobRecord(
    id=EXAMPLE_RUN,
    kind="history",
    status="running",
    source_name="Backend",
    created_at=_AT,
    started_at=_AT,
    messages_fetched=1000,
    messages_stored=980,
    messages_skipped=20,
    current_batch=11,
    waiting_until=datetime(2026, 3, 12, 9, 41, 37, tzinfo=UTC),
    waiting_for="Telegram asks for 30 s between its answers.",
    chats=[
        HistoryChatRecord(
            telegram_id=-1001234567890,
            title="Backend",
            status="running",
            messages_fetched=1000,
            messages_total=8210,
        )
    ],
)
