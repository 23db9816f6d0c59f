"""The engine: settings, the fleet of clusters, workspaces of clusters, and operations on them."""
