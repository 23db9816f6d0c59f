"""A cluster's keypairs, secrets and SSH public keys, and the kubeconfigs that are made from them."""
