"""Why there is no gallery. Every text says what is wrong, and what to do about it."""

from __future__ import annotations

from sms_redirect.gallery.place import Place
from sms_redirect.pool_rules.violation import Path


class GalleryError(Exception):
    """The base of all errors here. `place` is the place in a file, if the reason is in one.

    `path` is where in a template the reason stands, for those who read templates and know no files.
    """

    def __init__(self, message: str, place: Place | None = None, *, path: Path = ()) -> None:
        super().__init__(message)
        self.place = place
        self.path = path


class NoSuchPoolError(GalleryError):
    """Raised when there is no user pool of that id, or the stack names none."""


class TemplateError(GalleryError):
    """Raised when a template cannot be read, has no user pool, or has several and none was chosen."""


class ParameterError(GalleryError):
    """Raised when CloudFormation would refuse the value of a parameter, or the template has no such parameter."""


class UnresolvedError(GalleryError):
    """Raised when all settings of the pool depend on something that only a deployment knows."""


class AttributeNameError(GalleryError):
    """Raised when a sample user is given an attribute that the pool does not have."""


class NoFunctionError(GalleryError):
    """Raised when a CustomMessage function should be asked and there is none to ask."""


class SavedGalleryError(GalleryError):
    """Raised when a file is not a gallery that was saved with --json."""
