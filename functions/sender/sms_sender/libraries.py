"""Where the function's libraries come from.

`sam build` puts them into a folder beside this package. The compiled modules of both Lambda processors lie there side
by side: Python picks by the suffix of the file's name, such as `.cpython-313-x86_64-linux-gnu.so`. On any other Python,
as in a sandbox on a Mac, the libraries installed there take their place.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "libraries"
COMPILED = "_cffi_backend"


def find(folder: Path = FOLDER) -> None:
    """Put the packaged libraries first on the path, if they were built for this Python and processor.

    Raises:
        ImportError: they were not, and none are installed: what this is, and what the package was built for.
    """
    if (folder / f"{COMPILED}{EXTENSION_SUFFIXES[0]}").exists():
        sys.path.insert(0, str(folder))
    elif folder.exists() and importlib.util.find_spec("aws_encryption_sdk") is None:
        built = " and ".join(sorted(path.name.removeprefix(COMPILED) for path in folder.glob(f"{COMPILED}*")))
        raise ImportError(
            f"The sender's libraries were built for {built or 'nothing'}, but this Python loads "
            f"{EXTENSION_SUFFIXES[0]}. Run `sam build` and deploy again; the template's Runtime must be the version "
            "that functions/sender/Makefile builds for."
        )
