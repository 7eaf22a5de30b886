"""Http: see README.md."""
