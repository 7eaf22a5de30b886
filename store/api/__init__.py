"""Queries to the store by HTTP, for other services: what an operator may see, as of one row of the feed."""
