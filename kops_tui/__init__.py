"""The terminal program: a Textual app, and the same engine headless."""
