"""A server answers to its own names, and to no other that may have been pointed at this machine."""

import socket

import pytest

from sms_redirect import loopback
from sms_redirect.loopback import CannotListen, listen, listen_also
from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts


@pytest.mark.parametrize("header", ["127.0.0.1", "127.0.0.1:4566", "localhost:1", "LOCALHOST:4566", "[::1]:4566"])
def test_loopback_has_three_names(header):
    assert ONLY_LOOPBACK.has(header)


@pytest.mark.parametrize(
    "header",
    ["", ":4566", "evil.example", "0.0.0.0:4566", "127.0.0.1.evil:1", "127.0.0.1:80.evil", "127.0.0.1:1@evil", "other"],
)
def test_no_other_name_is_loopback_s(header):
    assert not ONLY_LOOPBACK.has(header)


def test_a_name_is_allowed_as_it_is_and_with_nothing_below_it():
    hosts = Hosts(frozenset({"sandbox", "10.0.2.2"}), elsewhere=True)

    assert [hosts.has(header) for header in ("sandbox:4566", "SANDBOX", "10.0.2.2:4566", "localhost")] == [True] * 4
    assert [hosts.has(header) for header in ("x.sandbox", "sandbox.evil", "10.0.2.22", "evil")] == [False] * 4


def test_a_mapped_port_is_only_to_be_expected_from_elsewhere():
    assert ONLY_LOOPBACK.has_at("localhost:8025", 8025)
    assert ONLY_LOOPBACK.has_at("localhost", 80)
    assert not ONLY_LOOPBACK.has_at("localhost:18025", 8025)
    assert Hosts(elsewhere=True).has_at("localhost:18025", 8025)
    assert not Hosts(elsewhere=True).has_at("evil.example:8025", 8025)


def test_another_address_is_listened_on_beside_127_0_0_1_at_the_same_port():
    listeners = listen_also("127.0.0.2", 0)
    addresses = [listener.getsockname() for listener in listeners]
    for listener in listeners:
        listener.close()

    assert [address for address, _ in addresses] == ["127.0.0.1", "127.0.0.2"]
    assert len({port for _, port in addresses}) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_one_socket_is_enough_for_every_address_or_for_127_0_0_1_alone(monkeypatch, host):
    asked = []
    monkeypatch.setattr(loopback, "listen", lambda port, host: asked.append((host, port)))

    assert len(listen_also(host, 4566)) == 1
    assert asked == [(host, 4566)]


def test_an_address_that_is_not_this_machine_s_is_a_sentence_and_leaves_no_socket():
    with listen(0) as free:
        port = free.getsockname()[1]

    with pytest.raises(CannotListen, match="Choose an address of this machine"):
        listen_also("192.0.2.1", port)  # TEST-NET-1 (RFC 5737): nobody has it
    with listen(port) as again:
        assert isinstance(again, socket.socket)
