"""Access to the Kubernetes API of a cluster."""
