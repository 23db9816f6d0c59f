"""Errors of templates."""

from __future__ import annotations

from kops_core.errors import KopsError


class TemplateError(KopsError):
    """A template can't be parsed or evaluated; ``where`` is its file and line."""

    def at(self, where: str) -> TemplateError:
        """The same error at a place, unless it has one."""
        return self if self.where else TemplateError(self.what, where=where, remedy=self.remedy)
