"""Telegram in: webhook updates and export files become messages, users, chats and jobs."""
