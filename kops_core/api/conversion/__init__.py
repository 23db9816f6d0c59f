"""One object in two spellings: kops.k8s.io/v1alpha2, and the internal type, which v1alpha3 shows."""
