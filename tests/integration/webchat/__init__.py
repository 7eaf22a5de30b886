"""The web chat's gateway as real processes, on a real broker and both databases."""
