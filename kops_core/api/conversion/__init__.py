"""Conversion between kops.k8s.io/v1alpha2 and kOps' internal type, which v1alpha3 shows."""
