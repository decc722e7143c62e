"""Log lines for programs: each one object of JSON."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_REQUEST = re.compile(r"\brequest (?=[A-Za-z-]*\d)([0-9A-Za-z-]{8,64})\b")


class JsonLines(logging.Formatter):
    """Time, level, logger, process, message; the id of the request and the traceback where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        message = record.getMessage()
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": message,
        }
        if found := _REQUEST.search(message):
            told["request"] = found.group(1)
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
