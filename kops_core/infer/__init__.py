"""Cluster and instance-group specs completed: rules, each with its reasons."""
