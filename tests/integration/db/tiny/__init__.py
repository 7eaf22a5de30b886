"""A package with two migrations and nothing else."""
