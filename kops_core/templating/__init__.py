"""Go's templates (``text/template``) with the functions of sprig, as ``kops toolbox template`` has them.

``syntax`` parses, ``evaluation`` evaluates, ``values`` has Go's truth, comparison and printing of values,
``functions`` the functions of Go and kOps, ``sprig`` those of sprig, ``assignments`` reads ``--set``. It is
pure: the environment is passed in.

Not there, because they depend on more than their arguments: sprig's functions for random values, keys and
certificates, the network and the dates of files. A template that calls one is refused with its line.
"""
