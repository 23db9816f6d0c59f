"""What is refused, as a list of field errors.

Each module looks at one area and yields every error it finds, at the field as v1alpha2
names it and with kOps' kind. Whole clusters: `kops_core.validate.cluster_set`.
"""
