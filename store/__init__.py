"""The store: what is remembered, and the feed of its changes."""
