"""What is refused, as a list of field errors."""
