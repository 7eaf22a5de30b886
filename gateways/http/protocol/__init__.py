"""The open channel's own protocol: what an integrator says, and what an integrator is told.

It is public and stays as it is: fields are added, never changed. The models of what comes in are strict, and
refuse what they do not know; those of what goes out only grow.
"""
