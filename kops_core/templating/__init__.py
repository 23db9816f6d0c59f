"""Go's templates (``text/template``) with the functions of sprig, as ``kops toolbox template`` has them.

``tokens`` and ``syntax`` parse to a ``tree``, ``evaluation`` evaluates it, ``values`` has Go's truth and
printing, ``functions`` the functions of Go and kOps, ``sprig`` and ``sprig_texts`` those of sprig, and
``assignments`` reads ``--set``. All of it is pure: the environment is passed in.

Not there, because they depend on more than their arguments: sprig's functions for random values, keys and
certificates, the network and the dates of files. A template that calls one is refused with its line.
"""
