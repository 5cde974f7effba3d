"""What is read from the queue is not in botocore's log, and everything else is."""

import logging
import threading

from sms_redirect.topic.quiet import LOGGER, unlogged


def test_only_what_this_thread_reads_is_left_out(caplog):
    caplog.set_level(logging.DEBUG, LOGGER)
    parsers = logging.getLogger(LOGGER)

    with unlogged():
        parsers.debug("Response body: %s", "493027")
        other = threading.Thread(target=parsers.debug, args=("of another thread",))
        other.start()
        other.join()
    parsers.debug("of another call")

    assert [record.getMessage() for record in caplog.records] == ["of another thread", "of another call"]


def test_botocore_logs_the_bodies_of_responses_there():
    import inspect

    from botocore import parsers

    assert parsers.LOG.name == LOGGER
    assert "Response body" in inspect.getsource(parsers)
