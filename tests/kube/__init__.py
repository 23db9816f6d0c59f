"""Kubernetes access, against a real HTTPS server."""
