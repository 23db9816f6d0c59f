"""The state store: where specs, keys and what nodes read are kept."""
