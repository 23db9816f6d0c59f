"""The rules that complete clusters and instance groups, a module for each component.

To add a rule, add a function with `kops_core.infer.rules.rule` to the file of its
component; to add a component, add a file and its name to `kops_core.infer.complete`.
"""
