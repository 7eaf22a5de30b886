"""Tests that share one running stack and one browser for each database; each has a site of its own."""
