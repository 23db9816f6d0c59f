"""What a machine needs to become a node: its configuration in the store, and user data that leads to it."""
