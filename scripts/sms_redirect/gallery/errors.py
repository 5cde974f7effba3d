"""Why there is no gallery. Every text says what is wrong, and what to do about it."""

from __future__ import annotations


class GalleryError(Exception):
    """The base of all errors here."""


class NoSuchPoolError(GalleryError):
    """Raised when there is no user pool of that id, or the stack names none."""


class TemplateError(GalleryError):
    """Raised when a template cannot be read, has no user pool, or has several and none was chosen."""


class UnknownParameterError(GalleryError):
    """Raised when a value is given for a parameter that the template does not have."""


class UnresolvedError(GalleryError):
    """Raised when a setting that the gallery shows depends on something that only a deployment knows."""


class NoFunctionError(GalleryError):
    """Raised when the CustomMessage function shall be asked and there is none that can be."""
