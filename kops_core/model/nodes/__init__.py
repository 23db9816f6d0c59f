"""Node configuration: files in the state store, and the user data that refers to them."""
