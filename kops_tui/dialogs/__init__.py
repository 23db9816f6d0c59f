"""Questions over a screen. A dialog returns an answer and does no I/O."""
