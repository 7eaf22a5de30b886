"""Telegram bot: see README.md."""
