"""Validation of specs; yields field errors.

Each module looks at one area and yields every error it finds, with the v1alpha2 path and kOps' type of
error. Whole clusters: `kops_core.validate.cluster_set`.
"""
