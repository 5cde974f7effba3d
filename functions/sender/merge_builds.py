"""Merges the installations of two processors into one folder: merge_builds.py TARGET INSTALLATION...

Everything but compiled modules must be the same in all of them. Compiled modules lie side by side, told apart by the
suffix that Python looks for, and without their symbol tables, which nothing reads while they run.
"""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path

SUFFIX = ".cpython-313-{machine}-linux-gnu.so"
MACHINES = {62: "x86_64", 183: "aarch64"}  # e_machine of the ELF header
NOT_AT_RUN_TIME = ("*.dist-info/RECORD", "*.dist-info/WHEEL", "*.pyi", "*.h", "*.c", "py.typed", ".lock")
FOLDERS_NOT_AT_RUN_TIME = {"__pycache__", "tests", "sboms", "bin"}


def main(target: Path, installations: list[Path]) -> None:
    for installation in installations:
        for source in sorted(path for path in installation.rglob("*") if path.is_file()):
            path = source.relative_to(installation)
            if _runs(path):
                _add(source, target / path)


def _runs(path: Path) -> bool:
    folders = set(path.parts[:-1])
    unused = any(path.match(pattern) for pattern in NOT_AT_RUN_TIME) or folders & FOLDERS_NOT_AT_RUN_TIME
    return not unused and not path.parts[0].endswith("-stubs")


def _add(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".so":
        content = source.read_bytes()
        module = source.name.partition(".")[0]
        suffix = SUFFIX.format(machine=MACHINES[struct.unpack_from("<H", content, 18)[0]])
        destination.with_name(module + suffix).write_bytes(without_symbols(content))
    elif not destination.exists():
        shutil.copy(source, destination)
    elif source.read_bytes() != destination.read_bytes():
        sys.exit(f"{source} differs between the processors: this build cannot serve both.")


def without_symbols(elf: bytes) -> bytes:
    """A 64-bit shared object without its section headers and what only they refer to, as `sstrip` leaves it.

    The loader goes by the program headers; everything past the last of their segments is for linkers and debuggers.
    """
    (program_headers,) = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    segments = [struct.unpack_from("<QQQQ", elf, program_headers + number * size + 8) for number in range(count)]
    stripped = bytearray(elf[: max(offset + length for offset, _, _, length in segments)])
    struct.pack_into("<Q", stripped, 40, 0)  # e_shoff
    struct.pack_into("<HH", stripped, 60, 0, 0)  # e_shnum, e_shstrndx
    return bytes(stripped)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
