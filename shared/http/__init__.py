"""The thin HTTP layer: a service lists its routes as rows, this validates, answers and documents."""
