"""Rolling updates: replace the instances of a cluster's groups, a few at a time, without losing capacity."""
