"""Clouds: how facts are read, resources observed and changed, and Terraform written."""
