"""``create cluster``: from options to a Cluster and its InstanceGroups, as kOps would store them."""
