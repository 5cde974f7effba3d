"""A change of a pool that is not carried out yet, as a value: what a person sees before saying yes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pool_attachment.plan import Plan
from pool_attachment.settings import Settings


@dataclass(frozen=True)
class Preview:
    """`action` is "attach" or "detach". `before`: the settings that UpdateUserPool can set, as they are now.

    `plan` is None if the change is refused, and `refusal` says why.
    """

    action: str
    pool_id: str
    region: str
    before: Mapping[str, Any]
    plan: Plan | None
    remarks: tuple[str, ...] = ()
    refusal: str | None = None

    @property
    def changes(self) -> bool:
        return self.plan is not None and bool(self.plan.request or self.plan.untag)

    @property
    def note(self) -> str:
        """What is true of the pool before anything was changed."""
        if self.plan is None:
            return ""
        if not self.changes:
            return self.plan.done
        return f"The redirect would be {'put on' if self.action == 'attach' else 'taken off'} the pool."

    def document(self) -> dict[str, Any]:
        """For programs. `request`: the UpdateUserPool; `untag`: tags to take off without one."""
        return {
            "action": self.action,
            "user_pool_id": self.pool_id,
            "region": self.region,
            "changes": self.changes,
            "refusal": self.refusal,
            "note": self.note,
            "remarks": list(self.remarks),
            "before": self.before,
            "request": self.plan.request if self.plan else None,
            "untag": list(self.plan.untag) if self.plan else [],
        }

    def diff(self) -> list[str]:
        """Lines of a unified diff of the pool's settings, empty when nothing changes."""
        if self.plan is None or not self.changes:
            return []
        after = {name: value for name, value in (self.plan.request or self.before).items() if name != "UserPoolId"}
        tags = {key: value for key, value in after.get("UserPoolTags", {}).items() if key not in self.plan.untag}
        after = {**after, "UserPoolTags": tags} if "UserPoolTags" in after else after
        return list(difflib.unified_diff(_lines(self.before), _lines(after), "now", f"{self.action}ed", lineterm=""))


def refused(action: str, settings: Settings, region: str, reason: str) -> Preview:
    return Preview(action, settings.pool_id, region, settings.update, None, refusal=reason)


def _lines(settings: Mapping[str, Any]) -> list[str]:
    return json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
