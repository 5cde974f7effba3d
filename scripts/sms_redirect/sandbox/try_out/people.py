"""Made-up users for one flow each: whom the pool would take, with a phone number that nobody has."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sms_redirect.gallery import samples
from sms_redirect.gallery.pool import Pool

# Fictional numbers of North America: +1 NXX 555-0100 to 0199.
_AREA_CODES = (206, 212, 303, 305, 312, 415, 503, 512, 617, 702)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """`sign_in_name` is what the user signs in and up with; `attributes` are without verified marks."""

    sign_in_name: str
    phone_number: str
    password: str = field(repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def listed(self, **more: str) -> list[dict[str, str]]:
        """The attributes as the API takes them."""
        return [{"Name": name, "Value": value} for name, value in {**self.attributes, **more}.items()]


def make_up(pool: Pool) -> MadeUp:
    """Somebody new, with all that the pool requires."""
    mark = secrets.token_hex(4)
    number = f"+1{secrets.choice(_AREA_CODES)}55501{secrets.randbelow(100):02}"
    email = f"preview-{mark}@example.com"
    own = {"phone_number": number, "email": email, "preferred_username": f"preview-{mark}"}
    required = dict(samples.required(pool))
    attributes = {name: own.get(name, value) for name, value in required.items()} | {"phone_number": number}
    by = pool.names("UsernameAttributes")
    name = number if "phone_number" in by else email if "email" in by else f"preview-{mark}"
    if name == email:
        attributes["email"] = email
    length = max(12, pool.number("Policies", "PasswordPolicy", "MinimumLength", default=8))
    password = f"Aa1!{secrets.token_hex(length)}"[:length]
    return MadeUp(name, number, password, attributes)
