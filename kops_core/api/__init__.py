"""What a user may write: the types of kops.k8s.io, their YAML, and the paths that address their fields."""
