"""The kit with a channel that does as it is told, on a real broker and both databases."""
