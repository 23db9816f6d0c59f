"""Plans: the differences between desired and observed resources, with reasons and risks."""
