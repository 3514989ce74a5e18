"""History of chats, read from Telegram's own API by a person's account."""
