"""The state store: specs, keys and the files that nodes read."""
