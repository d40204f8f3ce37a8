"""Logs as JSON lines: time, level, name, message and the few extra fields we pass. CR and LF cannot split a line."""

import json
import logging
import sys
import traceback
from typing import Any

from portal.kit import clock

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "says": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, default=str)


def _trace(error: BaseException | None) -> list[str]:
    """Where it happened and the kinds of error, causes first. Not their texts: a database puts a row's values there."""
    if error is None:
        return []
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return [*_trace(error.__cause__ or error.__context__), *places, type(error).__name__]


def configure(level: str) -> None:
    """Send every logger to standard error as JSON lines; uvicorn's own access log (it holds paths) is silenced."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
