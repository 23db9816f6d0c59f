"""Benchmarks: figures, and ratios to a baseline. Printed, never asserted."""
