"""Discovery of a cluster's resources by tags and references, and their deletion.

kOps' rules are in its ``pkg/resources/aws``. Here a resource is also found by the tags of controllers, and
a name alone is never enough: another cluster's
name may begin with ours.
"""
