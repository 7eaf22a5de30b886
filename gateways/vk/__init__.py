"""VK: see README.md."""
