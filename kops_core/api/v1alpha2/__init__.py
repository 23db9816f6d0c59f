"""The types of kops.k8s.io/v1alpha2, as pydantic models by area.

They are the one source of what fields there are. ``schema.json`` beside this file is
compiled from them (``python -m kops_core.api.v1alpha2.compile``), so that reading a
document does not have to import pydantic; a test keeps the two equal. This package
imports nothing for the same reason: each kind is imported from its module.

    from kops_core.api.v1alpha2.cluster import Cluster
    Cluster.model_validate(tree)                                a tree, checked and typed
    cluster.model_dump(exclude_unset=True, by_alias=True)       the same tree again
"""
