"""A cluster on AWS as a Terraform module: kOps' types, names and arguments."""
