"""Operations as their processes leave them in the state folder: a request, and what was reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kops_core import Settings
from kops_core.engine.background.folder import OperationFolder, create_folder
from kops_core.engine.background.requests import OperationRequest, Order
from kops_core.operations.event_log import EventLog
from kops_core.operations.events import Event


def record_operation(
    settings: Settings,
    request: OperationRequest,
    events: Sequence[Event],
    at: datetime,
    *,
    runs: bool = False,
) -> OperationFolder:
    """An operation that was started at a time and reported these events. runs: it is this process."""
    folder, _ = create_folder(settings.operations, lambda id_: Order(id_, at, request, settings))
    log = EventLog(folder.events)
    for each in events:
        log.append(each)
    log.flush()
    if runs:
        folder.identify()
    return folder
