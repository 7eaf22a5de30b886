"""A small website of an invented shop that hosts the chat: for a first look and for browser tests."""
