"""One cluster being worked on: its documents, unsaved edits, inference, plans."""
