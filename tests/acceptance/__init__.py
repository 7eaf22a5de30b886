"""Acceptance: all services as processes, real browsers."""
