"""Terraform's language and files, for any cloud."""
