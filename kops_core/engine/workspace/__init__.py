"""The workspace of a cluster: its documents, unsaved edits, inference, plans."""
