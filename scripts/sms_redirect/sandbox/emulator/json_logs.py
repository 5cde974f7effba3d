"""Functions with `LogFormat: JSON` log as on Lambda: with `emulator`, the only module that knows the emulator's worker.

Lambda developer guide, "Using structured JSON logs with Python": timestamp, level, message, logger, and what `extra`
adds.
"""

from __future__ import annotations

FORMAT_VARIABLE = "AWS_LAMBDA_LOG_FORMAT"  # a "defined runtime environment variable"

# Runs in the function's process, before its code; the names stay in their own function.
BOOTSTRAP = """
def _log_as_lambda():
    import os
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") != "JSON":
        return
    import json, logging, sys, time, traceback
    known = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    class Lambda(logging.Handler):
        def emit(self, record):
            milliseconds = int(record.created * 1000)
            moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
            line = {
                "timestamp": f"{moment}.{milliseconds % 1000:03d}Z",
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            line |= {name: value for name, value in vars(record).items() if name not in known}
            if record.exc_info:
                line["errorType"] = record.exc_info[0].__name__
                line["errorMessage"] = str(record.exc_info[1])
                line["stackTrace"] = traceback.format_tb(record.exc_info[2])
            sys.stderr.write(json.dumps(line, default=str) + "\\n")
            sys.stderr.flush()

    logging.getLogger().addHandler(Lambda())

_log_as_lambda()
"""


def install() -> None:
    from ministack.core import lambda_runtime

    if not lambda_runtime._PYTHON_WORKER_SCRIPT.startswith(BOOTSTRAP):
        lambda_runtime._PYTHON_WORKER_SCRIPT = BOOTSTRAP + lambda_runtime._PYTHON_WORKER_SCRIPT
