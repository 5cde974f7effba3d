"""The KMS key that a pool encrypts its codes with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """The key that the stack was given. `arn` is the key's own, even if an alias was passed.

    `state`, `spec` and `usage` are KMS's words. `aliases` are other names that are known to mean this key.
    """

    arn: str
    state: str = "Enabled"
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    aliases: frozenset[str] = frozenset()

    def is_the(self, pool_key: str | None) -> bool:
        return same_key(pool_key, self.arn) or pool_key in self.aliases


def same_key(one: str | None, other: str | None) -> bool:
    """An ARN and the bare id of the same key are the same; keys of two regions never are."""
    if not one or not other:
        return False
    return one == other or one.endswith(f":key/{other}") or other.endswith(f":key/{one}")


def arn_region(arn: str) -> str:
    return arn.split(":")[3]
