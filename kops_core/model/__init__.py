"""Builds the desired resources of a cluster from its completed spec, as plain data."""
