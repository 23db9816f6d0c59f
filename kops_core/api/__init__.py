"""The kops.k8s.io API: its types, reading and writing them as YAML, and paths to their fields.

documents, yaml_reader, check    a file, read and checked: all errors at once, with lines
editing, yaml_map                one value of a user's file changed, all other bytes kept
canonical                        objects as kOps writes them, byte for byte
schema, v1alpha2/                what may stand where; the models it is compiled from
conversion/, internal_names      kOps' internal names and v1alpha3, both ways
setting                          --set and --unset
path, values                     field paths and plain trees
scalars, quantity, duration      the scalar types and their forms
"""
