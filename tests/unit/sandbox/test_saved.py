"""`--state`: what a sandbox keeps over restarts, crashes and mistakes."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from local_pools import LocalPools, app, sms_pool
from sms_documents import document
from sms_redirect.messages.sms import Sms
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.saved import StateError, StateFolder
from sms_redirect.sandbox.saved.folder import NAME, VERSION
from sms_redirect.sandbox.saved.inbox import kept_messages
from sms_redirect.sandbox.saved.pools import TYPES, store_in

NUMBER = "+12065550100"
USER = {"Username": "alice", "Password": "Passw0rd!", "UserAttributes": [{"Name": "phone_number", "Value": NUMBER}]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state"


def signed_up(pools):
    """A pool with alice, who has a code out."""
    cognito = pools.client()
    pool_id = sms_pool(cognito)
    client_id = app(cognito, pool_id)
    cognito.sign_up(ClientId=client_id, **USER)
    return pool_id, client_id


def test_pools_users_and_codes_are_there_after_a_restart(path):
    with StateFolder(path) as folder:
        pools = LocalPools(store=store_in(folder))
        pool_id, client_id = signed_up(pools)
        code = pools.sent.last(NUMBER).secret
    with StateFolder(path) as folder:
        cognito = LocalPools(store=store_in(folder)).client()

        cognito.confirm_sign_up(ClientId=client_id, Username="alice", ConfirmationCode=code)
        tokens = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]
    with StateFolder(path) as folder:
        cognito = LocalPools(store=store_in(folder)).client()

        assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "alice"
        assert cognito.list_users(UserPoolId=pool_id)["Users"][0]["UserStatus"] == "CONFIRMED"


def test_what_was_deleted_stays_deleted(path):
    with StateFolder(path) as folder:
        pools = LocalPools(store=store_in(folder))
        pool_id, _ = signed_up(pools)
        pools.client().delete_user_pool(UserPoolId=pool_id)
    with StateFolder(path) as folder:
        assert [table for table in store_in(folder).tables().values() if len(table)] == []


def test_every_kind_of_value_has_its_type():
    assert set(TYPES) == set(Store().tables())


def test_a_failed_write_undoes_the_call(path):
    with StateFolder(path) as folder:
        store = store_in(folder)
        pools = LocalPools(store=store)
        pool_id, client_id = signed_up(pools)
        folder._database.execute("PRAGMA query_only = ON")

        with pytest.raises(Exception, match="InternalErrorException"):
            pools.client().sign_up(ClientId=client_id, **USER | {"Username": "bob"})

        assert store.users.where("name", (pool_id, "bob")) == []


def test_messages_are_there_after_a_restart_and_gone_after_clearing(path):
    store = SmsStore()
    with StateFolder(path) as folder, kept_messages(store, folder):
        store.add(Sms.from_document(document(1)))
        store.add(Sms.from_document(document(2)))
        store.add(Sms.from_document(document(2)))
    later = SmsStore()
    with StateFolder(path) as folder, kept_messages(later, folder):
        assert [entry.message for entry in later.find()] == [
            Sms.from_document(document(2)),
            Sms.from_document(document(1)),
        ]

        later.clear()
    with StateFolder(path) as folder:
        assert folder.messages() == []


def test_messages_that_the_inbox_has_no_room_for_leave_the_folder(path):
    store = SmsStore()
    with StateFolder(path) as folder, kept_messages(store, folder):
        for number in range(5):
            store.add(Sms.from_document(document(number)))
    with StateFolder(path) as folder, kept_messages(SmsStore(limit=2), folder):
        pass
    with StateFolder(path) as folder:
        assert len(folder.messages()) == 2


def test_many_threads_write_at_once(path):
    with StateFolder(path) as folder:
        pools = LocalPools(store=store_in(folder))
        _, client_id = signed_up(pools)

        def sign_up(number):
            pools.client().sign_up(ClientId=client_id, **USER | {"Username": f"user{number}"})

        threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with StateFolder(path) as folder:
        assert len(store_in(folder).users) == 9


KILLED = """
import sys
from pathlib import Path
from sms_redirect.sandbox.saved import StateFolder
folder = StateFolder(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    folder.keep([("user", str(number), b"{}"), ("group", str(number), b"{}")])
    print(number, flush=True)
"""


def test_after_a_kill_every_transaction_is_whole(path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if int(line) >= 50:
            break
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    last = int((rest.split() or [line])[-1])

    with StateFolder(path) as folder:
        users, groups = folder.values("user"), folder.values("group")

    assert len(users) == len(groups) >= last


def test_a_second_sandbox_is_refused(path):
    with StateFolder(path), pytest.raises(StateError, match="Another sandbox uses the state"):
        StateFolder(path)


def damaged(file):
    content = bytearray(file.read_bytes())
    content[100:] = os.urandom(len(content) - 100)
    file.write_bytes(content)


def not_a_database(file):
    file.write_bytes(b"something else entirely" * 100)


def anothers(file):
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE notes (text TEXT)")
    database.close()


def newer(file):
    with sqlite3.connect(file) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, "damaged"),
        (not_a_database, "damaged, or is not the state"),
        (anothers, "is not the state of a sandbox"),
        (newer, "newer sms-redirect"),
    ],
)
def test_what_is_not_understood_is_refused_and_left_as_it_is(path, spoil, said):
    with StateFolder(path) as folder:
        LocalPools(store=store_in(folder)).client().create_user_pool(PoolName="pool")
    spoil(path / NAME)
    before = (path / NAME).read_bytes()

    with pytest.raises(StateError, match=said):
        StateFolder(path)

    assert (path / NAME).read_bytes() == before


def test_values_of_another_shape_are_refused_without_being_quoted(path):
    with StateFolder(path) as folder:
        folder.keep([("user", "1", b'{"sub": 1, "attributes": {"email": "secret@example.com"}}')])

        with pytest.raises(StateError, match="saved user values") as refused:
            store_in(folder)

    assert "secret@example.com" not in f"{refused.value}{refused.value.__cause__}"


def test_only_the_owner_may_read_the_folder(path):
    with StateFolder(path) as folder:
        folder.keep([("user", "1", b"{}")])
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.iterdir()}

    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}


def test_a_path_that_cannot_be_a_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(StateError, match="cannot be used"):
        StateFolder(tmp_path / "file")


def test_values_come_back_in_the_order_in_which_they_were_made(path):
    with StateFolder(path) as folder:
        store = store_in(folder)
        pools = LocalPools(store=store)
        cognito = pools.client()
        names = [cognito.create_user_pool(PoolName=f"pool{number}")["UserPool"]["Name"] for number in range(5)]
        first = store.pools.all()[0]
        store.pools.put(replace(first, modified=first.modified + 1))
    with StateFolder(path) as folder:
        assert [pool.name for pool in store_in(folder).pools.all()] == names
