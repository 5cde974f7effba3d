"""All of the service's state: a table of each kind of value."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.store.table import Journal, Table, Transactions
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Domain, Group, Pool, ResourceServer, SigningKey
from sms_redirect.sandbox.cognito.values.sign_in import Code, Grant, Session
from sms_redirect.sandbox.cognito.values.user import Device, User

# Attributes that users are found by: sign-in attributes, and the phone and email of everyone.
FOUND_BY = ("phone_number", "email", "preferred_username")


class Store:
    """In memory; `journal` keeps what changes. What belongs together is read and written in one `transaction()`."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.transaction = Transactions(journal)
        by_pool = {"pool": lambda value: (value.pool_id,)}
        self.pools: Table[Pool] = Table("pool", lambda pool: pool.id, self.transaction)
        self.keys: Table[SigningKey] = Table("signing-key", lambda key: key.pool_id, self.transaction, by_pool)
        self.clients: Table[Client] = Table("client", lambda client: client.id, self.transaction, by_pool)
        self.groups: Table[Group] = Table("group", lambda group: (group.pool_id, group.name), self.transaction, by_pool)
        self.domains: Table[Domain] = Table("domain", lambda domain: domain.name, self.transaction, by_pool)
        self.resource_servers: Table[ResourceServer] = Table(
            "resource-server", lambda server: (server.pool_id, server.identifier), self.transaction, by_pool
        )
        self.users: Table[User] = Table(
            "user",
            lambda user: user.key,
            self.transaction,
            {**by_pool, "name": _names, "attribute": _found_by, "group": _groups},
        )
        self.devices: Table[Device] = Table(
            "device",
            lambda device: (device.pool_id, device.key),
            self.transaction,
            {**by_pool, "user": lambda device: ((device.pool_id, device.sub),)},
        )
        # The purpose of a user's code goes on with the user's key.
        self.codes: Table[Code] = Table(
            "code",
            lambda code: code.purpose,
            self.transaction,
            {"pool": lambda code: code.purpose[1:2], "user": lambda code: (code.purpose[1:3],)},
        )
        self.sessions: Table[Session] = Table("session", lambda session: session.id, self.transaction, by_pool)
        self.grants: Table[Grant] = Table(
            "grant",
            lambda grant: grant.id,
            self.transaction,
            {
                **by_pool,
                "user": lambda grant: ((grant.pool_id, grant.sub),),
                "refresh": lambda grant: tuple(token for token in (grant.refresh, grant.former) if token),
                "origin": lambda grant: (grant.origin_jti,),
            },
        )

    def tables(self) -> dict[str, Table[object]]:
        """Every table by the kind of value that it keeps."""
        return {value.kind: value for value in vars(self).values() if isinstance(value, Table)}

    def delete_pool(self, pool_id: str) -> Pool | None:
        """Remove a pool and all that is in it."""
        with self.transaction():
            for table in (self.keys, self.clients, self.groups, self.domains, self.resource_servers, self.users):
                table.remove_where("pool", pool_id)
            for more in (self.devices, self.codes, self.sessions, self.grants):
                more.remove_where("pool", pool_id)
            return self.pools.remove(pool_id)

    def delete_user(self, user: User) -> User | None:
        """Remove a user and all that is the user's."""
        with self.transaction():
            self.devices.remove_where("user", user.key)
            self.codes.remove_where("user", user.key)
            self.grants.remove_where("user", user.key)
            return self.users.remove(user.key)


def _names(user: User) -> tuple[tuple[str, str], ...]:
    # Folded always; who reads the index compares as the pool does.
    return ((user.pool_id, user.name.casefold()),)


def _found_by(user: User) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (user.pool_id, name, user.attributes[name].casefold()) for name in FOUND_BY if user.attributes.get(name)
    )


def _groups(user: User) -> tuple[tuple[str, str], ...]:
    return tuple((user.pool_id, group) for group in user.groups)
