"""Inference: completes the specs of clusters and instance groups by rules, and keeps why."""
