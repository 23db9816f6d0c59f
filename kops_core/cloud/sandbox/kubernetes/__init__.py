"""A Kubernetes API for tests and the sandbox: objects, controllers and faults in memory, and a thin HTTPS
server over them.

The core (everything but ``https`` and ``account``) takes its time and its machines from outside and does no
I/O, so hours of a cluster pass in milliseconds.
"""
