"""The corpus as a table: suite, passed of total, first difference of each failure.

Each module of this package that has ``suites()`` is a plug-in; see `tests.conformance.suite`.
"""
