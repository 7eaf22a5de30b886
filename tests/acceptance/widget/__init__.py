"""Tests that share one gateway and one browser for each database; each has a website of its own."""
