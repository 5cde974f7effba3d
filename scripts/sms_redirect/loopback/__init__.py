"""Listening on this machine: for this machine alone, unless the user says otherwise."""

from __future__ import annotations

import errno
import socket

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where the user asks for it
LOOPBACK_NAMES = (HOST, "localhost", "[::1]")  # as a Host header has them


class CannotListen(Exception):  # noqa: N818 - says what cannot be done
    """The port cannot be used; the text says why and what to do."""


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket; port 0 takes any free one. `host` is an IPv4 address of this machine, or 0.0.0.0 for all.

    Raises:
        CannotListen: the port is taken, or not for this user, or the address is not this machine's.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        remedy = "Stop what listens there, or choose another port, or 0 for any free one."
        if error.errno == errno.EADDRNOTAVAIL:
            remedy = "Choose an address of this machine, or 0.0.0.0 for all of them."
        raise CannotListen(f"Port {port} of {host} cannot be used: {error.strerror}. {remedy}") from error
    return listener


def listen_also(host: str, port: int) -> list[socket.socket]:
    """Sockets on one port of 127.0.0.1 and of another address, which may be 0.0.0.0 or 127.0.0.1 itself.

    Raises:
        CannotListen
    """
    if host in (HOST, EVERYWHERE):
        return [listen(port, host)]
    first = listen(port)
    try:
        return [first, listen(first.getsockname()[1], host)]
    except CannotListen:
        first.close()
        raise
