"""Terraform's language and files, whichever the cloud."""
