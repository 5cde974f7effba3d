"""One email of a sandbox's user pool, as a document (schema `sms-redirect/email-1`) and as a value.

A document of its own kind beside that of SMS: whoever reads SMS only does not take it for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from sms_redirect.messages.members import Member, UnreadableError, as_json, members_of, schema_of
from sms_redirect.messages.sms import NotAnSms, SmsFailure, SmsWarning

SCHEMA = "sms-redirect/email-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One email that a user pool sent to a user, or failed to hand over (`failure`).

    The text, the code, the link and what could contain them stay out of the repr, and so out of logs and test reports.
    """

    kind: ClassVar[Literal["email"]] = "email"

    id: Annotated[str, Member("Identifies the email.")]
    flow: Annotated[str, Member("Why Cognito sent it, as in an SMS: `SignUp`, `ForgotPassword` ...")]
    trigger_source: Annotated[
        str,
        Member(
            "What a CustomEmailSender is told, for example `CustomEmailSender_SignUp`, whether there is one or not."
        ),
    ]
    email: Annotated[str, Member("The address that it went to.")]
    subject: Annotated[str, Member("The subject; empty if `failure` is set.", absent="")]
    text: Annotated[str, Member("The body without its HTML; empty if `failure` is set.", absent="")] = field(repr=False)
    html: Annotated[str, Member("The body as it was sent; empty if `failure` is set.", absent="")] = field(repr=False)
    code: Annotated[str | None, Member("The code or temporary password in it; null if the body shows none.")] = field(
        repr=False
    )
    link: Annotated[str | None, Member("The link that confirms the user, in a pool with CONFIRM_WITH_LINK.")] = field(
        repr=False
    )
    user_name: Annotated[str | None, Member("The user's name in the pool.")]
    user_sub: Annotated[str | None, Member("The user's `sub`.")]
    user_pool_id: Annotated[str, Member("The pool that sent it.")]
    region: Annotated[str, Member("The pool's region.")]
    client_id: Annotated[str | None, Member("The app client; null for calls of administrators.")]
    client_metadata: Annotated[Mapping[str, str], Member("What the app passed as `ClientMetadata`.", absent={})] = (
        field(repr=False, hash=False)
    )
    sent_at: Annotated[datetime, Member("When it was sent, in UTC, by this machine's clock.")]
    warnings: Annotated[tuple[SmsWarning, ...], Member("Doubts about the text.", absent=())] = field(repr=False)
    template: Annotated[str, Member("`verification`, `authentication`, `invitation`, `custom-message` or `none`.")]
    template_source: Annotated[str, Member("`pool`, `default` (Cognito's) or `custom-message`.")]
    failure: Annotated[SmsFailure | None, Member("Why nobody got it, and what to do; null if it was sent.")]
    raw: Mapping[str, Any] = field(repr=False, compare=False)  # the whole document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a document in its parsed form.

        Raises:
            NotAnSms: it is something else, or a member of it is missing or of another type.
        """
        if document.get("schema") != SCHEMA:
            raise NotAnSms(f'This message does not have the schema "{SCHEMA}".')
        values = {}
        for name, member in members_of(Email).items():
            try:
                values[name] = member.read(document.get(name), strict=True)
            except UnreadableError:
                raise NotAnSms(f'The member "{name}" of this email is not {member.kind.words}.') from None
        return cls(**values, raw=dict(document))

    def warn_if_newer(self, stacklevel: int = 2) -> None:
        """The schema has one version so far."""


def document(**known: Any) -> dict[str, Any]:
    """A document with these members; the others are blank."""
    blank = {name: each.blank for name, each in members_of(Email).items()}
    return {"schema": SCHEMA, **{name: as_json(value) for name, value in {**blank, **known}.items()}}


def schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of the document."""
    described = schema_of(Email)
    return {
        **described,
        "required": ["schema", *described["required"]],
        "properties": {"schema": {"const": SCHEMA}, **described["properties"]},
    }
