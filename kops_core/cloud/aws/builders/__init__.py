"""Builders of AWS resources: each module yields the desired resources of an area."""
