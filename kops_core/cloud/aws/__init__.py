"""The AWS provider: one session, an adapter for each kind, errors translated in one place."""
