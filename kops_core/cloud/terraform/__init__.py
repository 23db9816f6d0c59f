"""Desired resources as a Terraform root module, with kOps' names: ``kubernetes.tf`` and ``data/``."""
