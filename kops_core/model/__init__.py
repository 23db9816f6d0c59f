"""From the completed spec to the resources a cluster is made of, as plain data."""
