"""The one door to state: all or nothing, one winner, found without a walk."""

import ast
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pool_values import POOL_ID, pool, user
from sms_redirect.sandbox.cognito.store import Store, TakenError

PACKAGE = Path(__file__).parents[3] / "scripts" / "sms_redirect" / "sandbox" / "cognito"
PHONE = "+12065550008"


@pytest.fixture
def store():
    return Store()


class Journal:
    def __init__(self):
        self.transactions = []

    def write(self, changes):
        self.transactions.append(changes)


def test_a_value_is_found_by_its_key_and_its_indices(store):
    alice = store.users.add(user("Alice", phone_number=PHONE))

    assert store.users.get(alice.key) == alice
    assert store.users.where("name", (POOL_ID, "alice")) == [alice]
    assert store.users.where("attribute", (POOL_ID, "phone_number", PHONE)) == [alice]
    assert store.users.where("pool", "another") == []


def test_an_index_follows_every_change(store):
    alice = store.users.add(user(phone_number=PHONE))

    store.users.change(alice.key, lambda current: current.with_attributes({"phone_number": "+12065550009"}))

    assert store.users.where("attribute", (POOL_ID, "phone_number", PHONE)) == []
    assert len(store.users.where("attribute", (POOL_ID, "phone_number", "+12065550009"))) == 1
    store.users.remove(alice.key)
    assert store.users.where("attribute", (POOL_ID, "phone_number", "+12065550009")) == []
    assert store.users.count("pool", POOL_ID) == 0


def test_what_fails_half_way_leaves_everything_as_it_was(store):
    alice = store.users.add(user())
    bob = replace(user("bob"), sub="22222222-2222-3333-4444-555555555555")

    def fail():
        with store.transaction():
            store.users.change(alice.key, lambda current: replace(current, enabled=False))
            store.users.add(bob)
            store.users.remove(alice.key)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert store.users.all() == [alice]
    assert store.users.where("name", (POOL_ID, "bob")) == []
    assert store.users.where("name", (POOL_ID, "alice")) == [alice]


def test_of_many_who_take_a_key_at_once_one_gets_it(store):
    def add(_):
        try:
            store.users.add(user())
        except TakenError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(add, range(50))) == 1
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: store.users.remove(user().key) is not None, range(50))) == 1


def test_the_journal_gets_each_outermost_transaction_once():
    journal = Journal()
    store = Store(journal)

    with store.transaction():
        alice = store.users.add(user())
        with store.transaction():
            store.users.change(alice.key, lambda current: replace(current, enabled=False))
    store.users.remove(alice.key)

    assert [[(kind, key) for kind, key, _ in changes] for changes in journal.transactions] == [
        [("user", alice.key), ("user", alice.key)],
        [("user", alice.key)],
    ]
    assert journal.transactions[1][0][2] is None


def test_a_transaction_that_the_journal_refuses_did_not_happen():
    class Full:
        def write(self, _changes):
            raise OSError("no space left")

    store = Store(Full())

    with pytest.raises(OSError, match="no space"):
        store.users.add(user())

    assert store.users.all() == []


def test_a_deleted_pool_leaves_nothing_behind(store):
    store.pools.add(pool())
    store.users.add(user())

    store.delete_pool(POOL_ID)

    assert {kind: len(table) for kind, table in store.tables().items() if len(table)} == {}


def test_nothing_is_awaited_inside_a_transaction():
    """A trigger that called back would wait for ever, and what was read would be old by the time that it is written."""
    files = list(PACKAGE.rglob("*.py"))

    awaiting = [
        f"{path.name}:{inner.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.With) and any("transaction" in ast.unparse(item.context_expr) for item in node.items)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert len(files) > 40
    assert awaiting == []
