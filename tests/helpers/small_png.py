"""Makes a browser's screenshot a small file: 256 colours are enough for a page, and take a fifth of the bytes."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from itertools import islice

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256

Colour = tuple[int, ...]


def small(png: bytes) -> bytes:
    """The same picture with a palette. Of PNG it reads what Chromium writes: 8 bits, RGB or RGBA, not interlaced."""
    chunks = _chunks(png)
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or kind not in {2, 6} or interlaced:
        raise ValueError("not a screenshot of Chromium's")
    channels = 3 if kind == 2 else 4
    lines = _lines(zlib.decompress(chunks[b"IDAT"]), width * channels, channels)
    pixels = [list(zip(line[0::channels], line[1::channels], line[2::channels], strict=True)) for line in lines]
    counts = Counter(colour for line in pixels for colour in line)
    palette = [colour for colour, _ in counts.most_common(COLOURS)]
    index = {colour: number for number, colour in enumerate(palette)}
    for colour in counts.keys() - index.keys():
        index[colour] = min(range(len(palette)), key=lambda number: _distance(palette[number], colour))
    data = b"".join(b"\0" + bytes(index[colour] for colour in line) for line in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", bytes(part for colour in palette for part in colour))]
    parts += [(b"IDAT", zlib.compress(data, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in parts)


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        found[name] = found.get(name, b"") + png[at + 8 : at + 8 + length]
        at += length + 12
    return found


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _lines(data: bytes, length: int, step: int) -> list[bytearray]:
    """The lines without their filters (PNG specification, section 9)."""
    lines: list[bytearray] = []
    above = bytearray(length)
    rest = iter(data)
    while (kind := next(rest, None)) is not None:
        line = bytearray(islice(rest, length))
        for at in range(length):
            left, corner = (line[at - step], above[at - step]) if at >= step else (0, 0)
            line[at] = (line[at] + _predicted(kind, left, above[at], corner)) & 0xFF
        lines.append(line)
        above = line
    return lines


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 0:
        return 0
    if kind < 3:
        return left if kind == 1 else up
    if kind == 3:
        return (left + up) // 2
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))
