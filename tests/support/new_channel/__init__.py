"""Lays out a new channel that works against an invented provider: `make new-channel NAME=...`."""
