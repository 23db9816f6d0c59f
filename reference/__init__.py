"""Generates the reference pages of the documentation and the man pages from what the program works with."""
