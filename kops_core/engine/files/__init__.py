"""Clusters and objects from files, offline use, and Terraform modules."""
