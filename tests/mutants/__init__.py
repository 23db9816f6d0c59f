"""Mutation testing: faults put into samples of the engine's code, and whether a test notices each."""
