"""MAX: see README.md."""
