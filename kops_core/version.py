"""The version of this program, and the kOps release that it is compatible with."""

__version__ = "0.1.0"

KOPS_VERSION = "1.37.0-alpha.1"
"""The kOps release whose types, defaults and artifacts this version follows."""
