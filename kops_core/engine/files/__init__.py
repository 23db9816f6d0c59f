"""Clusters and objects from files, work without a cloud, and what is written as files."""
