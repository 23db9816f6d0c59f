"""Settings of all tests."""

from __future__ import annotations

from kops_core.collector import collect_less_often

# As the program itself does.
collect_less_often()
