"""An AWS of one's own, to try things out: moto's server in a process of its own on loopback.

Nothing imports this room but the command that starts it.
"""
