"""The sandbox: an embedded AWS (moto's server) in a process of its own, on loopback.

Only the commands that start it import this package.
"""
