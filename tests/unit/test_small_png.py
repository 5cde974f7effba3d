"""The pictures in docs are small, and show what the browser showed."""

from __future__ import annotations

import struct
import zlib

import pytest

from small_png import SIGNATURE, small


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def picture(lines, kind=2):
    width = (len(lines[0]) - 1) // 3
    header = struct.pack(">IIBBBBB", width, len(lines), 8, kind, 0, 0, 0)
    data = zlib.compress(b"".join(lines))
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def colours(png):
    palette = png[png.index(b"PLTE") + 4 :]
    length = struct.unpack(">I", png[png.index(b"IDAT") - 4 : png.index(b"IDAT")])[0]
    data = zlib.decompress(png[png.index(b"IDAT") + 4 :][:length])
    width = struct.unpack(">I", png[16:20])[0]
    rows = [data[at + 1 : at + 1 + width] for at in range(0, len(data), width + 1)]
    return [[tuple(palette[3 * each : 3 * each + 3]) for each in row] for row in rows]


def test_every_filter_is_undone():
    plain = [10, 20, 30, 40, 50, 60]
    sub = [1, *plain[:3], *(30,) * 3]
    lines = [
        bytes([0, *plain]),
        bytes(sub),
        bytes([2, *(0,) * 6]),
        bytes(
            [
                3,
                5,
                10,
                15,
                *[value - (a + b) // 2 for value, a, b in zip((40, 50, 60), plain[:3], plain[3:], strict=True)],
            ]
        ),
        bytes([4, *(0,) * 6]),
    ]

    found = colours(small(picture(lines)))

    assert found == [[(10, 20, 30), (40, 50, 60)]] * 5


def test_more_colours_than_a_palette_holds_become_the_nearest():
    line = bytes([0, *(value for number in range(300) for value in (number % 256, number // 256, 0))])
    found = colours(small(picture([line, bytes([0]) + bytes(900)])))

    assert found[1] == [(0, 0, 0)] * 300
    assert all(abs(shown[0] - number % 256) <= 2 for number, shown in enumerate(found[0]))


def test_another_kind_of_picture_is_refused():
    with pytest.raises(ValueError, match="not a screenshot"):
        small(picture([bytes(4)], kind=0))
