"""Rows of the fleet: a summary of each stored cluster, and its status in the cloud."""
