"""Redacts secrets in texts of files.

Manifests contain Cilium's keys and the user's own Secret objects; environments of pods and the control
plane's user data contain credentials of a store of another service.
"""

from __future__ import annotations

import hashlib
import re

from kops_core.api import yaml_reader
from kops_core.api.canonical import emit, join
from kops_core.api.values import Value
from kops_core.errors import InvalidSpec

CREDENTIALS = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
"""Variables with credentials of a store."""
_EXPORT = re.compile(rf"^(export (?:{'|'.join(CREDENTIALS)})=)(.*)$", re.MULTILINE)
_SECRET_OBJECT = re.compile(r"^[\"']?kind[\"']?:\s*[\"']?Secret\b", re.MULTILINE)


def redacted(text: str, form: str) -> str:
    """The text with a short hash in place of each secret, which shows whether it changed.

    form: as the field declares it; only ``yaml`` and ``script`` can contain secrets. Invalid YAML is hidden
    completely if it may contain one.
    """
    if form == "script":
        return _EXPORT.sub(lambda match: match[1] + fingerprint(match[2]), text)
    if form != "yaml" or not (_SECRET_OBJECT.search(text) or any(name in text for name in CREDENTIALS)):
        return text
    try:
        documents = yaml_reader.read(text)
    except InvalidSpec:
        return fingerprint(text)
    return join(emit(_without_secrets(document.value)) for document in documents)


def fingerprint(secret: str) -> str:
    """The replacement of a secret."""
    return f"(secret, sha256 {hashlib.sha256(secret.encode()).hexdigest()[:8]})"


def _without_secrets(value: Value) -> Value:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("name") in CREDENTIALS and "value" in value:
        return value | {"value": fingerprint(str(value["value"]))}
    made = {name: _without_secrets(item) for name, item in value.items()}
    if value.get("kind") == "Secret":
        for field in ("data", "stringData"):
            entries = value.get(field)
            if isinstance(entries, dict):
                made[field] = {name: fingerprint(str(item)) for name, item in entries.items()}
    return made
