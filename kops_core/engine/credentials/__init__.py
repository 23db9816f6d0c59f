"""A cluster's keypairs, secrets and SSH public keys, and kubeconfigs."""
