"""What an account holds of a cluster, found by tags and references, and how each resource is deleted.

The facts of what kOps takes for a cluster's are in its ``pkg/resources/aws``. Here a resource is also
found by the tags of controllers in the cluster, and a name alone is never enough: another cluster's
name may begin with ours.
"""
