"""The types of kops.k8s.io/v1alpha2, as pydantic models by area.

They are the one source of what fields there are. ``schema.json`` beside this file is
compiled from them (``python -m kops_core.api.v1alpha2.compile``), so that reading a
document does not have to import pydantic; a test keeps the two equal.
"""
