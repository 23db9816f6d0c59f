"""The kOps engine: specs, inference, plans and operations, without a user interface."""
