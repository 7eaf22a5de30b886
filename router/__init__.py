"""The router: who answers. See README.md."""
