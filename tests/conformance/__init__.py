"""The conformance suites: passed of total, and the first difference of each failure.

Each module of this package that has ``suites()`` is a plug-in; see `tests.conformance.suite`.
"""
