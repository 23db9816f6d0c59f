"""A hook of mkdocs: adds the generated pages to those in ``docs/``, so that none is kept and can go stale."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from reference.pages import generated


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Called by mkdocs once it has listed ``docs/``."""
    for path, text in generated().items():
        files.append(File.generated(config, path, content=text))
    return files
