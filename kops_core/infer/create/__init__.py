"""Creating a cluster: a few options become a Cluster and its InstanceGroups, as kOps would store them."""
