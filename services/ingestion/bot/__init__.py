"""The bot: Telegram's Bot API, its webhook, polling, and pictures of people."""
