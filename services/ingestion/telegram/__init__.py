"""Telegram in: pure readers that turn webhook updates and export files into the same values."""
