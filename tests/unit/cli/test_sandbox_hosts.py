"""`--host` and `--allow-host`: what is accepted, and who is warned of whom."""

from sms_redirect.cli.sandbox_hosts import wanted, warning


def test_by_default_only_loopback_is_accepted_and_nobody_is_warned():
    assert not wanted("127.0.0.1", ()).elsewhere
    assert wanted("127.0.0.1", ()).allowed == frozenset()
    assert warning("127.0.0.1", 4566, 8025, token=False) is None


def test_an_address_that_is_listened_on_is_a_name_and_every_address_is_none():
    assert wanted("192.168.1.20", ("sandbox",)).allowed == {"192.168.1.20", "sandbox"}
    assert wanted("0.0.0.0", ("sandbox",)).allowed == {"sandbox"}


def test_a_name_for_127_0_0_1_lets_nobody_else_in():
    assert wanted("127.0.0.1", ("10.0.2.2",)).has("10.0.2.2:4566")
    assert warning("127.0.0.1", 4566, 8025, token=False) is None


def test_the_warning_says_who_can_read_the_codes():
    said = warning("0.0.0.0", 4566, 8025, token=False)

    assert "everybody on every network of this machine" in said
    assert "can read every SMS and email, with its code" in said
    assert "8025" in said
    assert "--token" in said


def test_with_a_token_it_says_that_codes_need_it():
    said = warning("192.168.1.20", 4566, 8025, token=True)

    assert "the network of 192.168.1.20" in said
    assert "Only those who have the token can read the SMS and emails" in said
