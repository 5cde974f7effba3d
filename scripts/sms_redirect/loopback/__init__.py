"""Listening on this machine, for this machine alone."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"
LOOPBACK_NAMES = (HOST, "localhost", "[::1]")  # as a Host header has them


class CannotListen(Exception):  # noqa: N818 - says what cannot be done
    """The port cannot be used; the text says why and what to do."""


def listen(port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        CannotListen: the port is taken, or not for this user.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"Port {port} of {HOST} cannot be used: {error.strerror}. Stop what listens there, "
            "or choose another port, or 0 for any free one."
        ) from error
    return listener
