"""The judge inside the repository: clusters of our own with all that follows from them, reviewed and kept."""
