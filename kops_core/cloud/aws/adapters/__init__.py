"""Adapters by area; each kind is observed, created, updated and deleted by four small functions."""
