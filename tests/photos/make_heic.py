"""A 48-megapixel HEIC out of a 12-megapixel one. Nothing here can encode HEVC, but a phone's HEIC is a grid of tiles: a
larger grid may show each tile four times, under four names.
"""

import struct
from collections.abc import Iterator

_HEADER = 8
_FULL_HEADER = 12


def doubled(raw: bytes) -> bytes:
    """The same photo twice beside and twice below itself. Its `mdat` must lie before its `meta`, as Samsung has it."""
    start, size = next((at, size) for kind, at, size in _boxes(raw, 0) if kind == b"meta")
    parts = _parts(raw[start : start + size], _FULL_HEADER)
    rows, columns, width, height = struct.unpack(">2xBBHH", parts[b"idat"][8:16])
    rows, columns = rows + 1, columns + 1
    tiles, others = _tiles(parts[b"iref"])
    clones = {tile: [tile, *(1000 * number + tile for number in (1, 2, 3))] for tile in tiles}
    order = [
        clones[tiles[row % rows * columns + column % columns]][2 * (row // rows) + column // columns]
        for row in range(rows * 2)
        for column in range(columns * 2)
    ]
    added = [(tile, clone) for tile in tiles for clone in clones[tile][1:]]
    parts[b"idat"] = _box(b"idat", struct.pack(">BBBBHH", 0, 0, rows * 2 - 1, columns * 2 - 1, width * 2, height * 2))
    parts[b"iref"] = _box(b"iref", bytes(4) + _reference(parts[b"iref"], order) + others)
    parts[b"iinf"] = _more_items(parts[b"iinf"], added)
    parts[b"iloc"] = _more_places(parts[b"iloc"], added)
    parts[b"iprp"] = _more_properties(parts[b"iprp"], added).replace(_ispe(width, height), _ispe(width * 2, height * 2))
    meta = _box(b"meta", raw[start + 8 : start + 12] + b"".join(parts.values()))
    return raw[:start] + meta + raw[start + size :]


def _tiles(iref: bytes) -> tuple[list[int], bytes]:
    """The tiles of the grid, and the references that are none of the grid's."""
    (_, at, size), *_ = _boxes(iref, _FULL_HEADER)
    (count,) = struct.unpack_from(">H", iref, at + 10)
    return list(struct.unpack_from(f">{count}H", iref, at + 12)), iref[at + size :]


def _reference(iref: bytes, order: list[int]) -> bytes:
    (grid,) = struct.unpack_from(">H", iref, _FULL_HEADER + 8)
    return _box(b"dimg", struct.pack(f">HH{len(order)}H", grid, len(order), *order))


def _more_items(iinf: bytes, added: list[tuple[int, int]]) -> bytes:
    (count,) = struct.unpack_from(">H", iinf, 12)
    known = {
        struct.unpack_from(">H", iinf, at + 12)[0]: iinf[at : at + size]
        for _, at, size in _boxes(iinf, _FULL_HEADER + 2)
    }
    more = [known[tile][:12] + clone.to_bytes(2) + known[tile][14:] for tile, clone in added]
    return _box(b"iinf", iinf[8:12] + struct.pack(">H", count + len(more)) + iinf[14:] + b"".join(more))


def _more_places(iloc: bytes, added: list[tuple[int, int]]) -> bytes:
    """Version 1, offsets and lengths of four bytes, one extent each: 16 bytes an item."""
    version, sizes, base, count = struct.unpack_from(">B3xBBH", iloc, 8)
    assert (version, sizes, base) == (1, 0x44, 0)
    entries = [iloc[16 + 16 * number : 32 + 16 * number] for number in range(count)]
    known = {int.from_bytes(entry[:2]): entry for entry in entries}
    more = [clone.to_bytes(2) + known[tile][2:] for tile, clone in added]
    return _box(b"iloc", iloc[8:14] + struct.pack(">H", count + len(more)) + b"".join([*entries, *more]))


def _more_properties(iprp: bytes, added: list[tuple[int, int]]) -> bytes:
    parts = _parts(iprp, _HEADER)
    ipma = parts[b"ipma"]
    (count,) = struct.unpack_from(">I", ipma, 12)
    known, at = {}, 16
    for _ in range(count):
        item, many = struct.unpack_from(">HB", ipma, at)
        known[item] = ipma[at + 2 : at + 3 + many]
        at += 3 + many
    more = b"".join(clone.to_bytes(2) + known[tile] for tile, clone in added)
    parts[b"ipma"] = _box(b"ipma", ipma[8:12] + struct.pack(">I", count + len(added)) + ipma[16:] + more)
    return _box(b"iprp", b"".join(parts.values()))


def _ispe(width: int, height: int) -> bytes:
    return _box(b"ispe", struct.pack(">III", 0, width, height))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _parts(raw: bytes, at: int) -> dict[bytes, bytes]:
    return {kind: raw[start : start + size] for kind, start, size in _boxes(raw, at)}


def _boxes(raw: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    while at + 8 <= len(raw):
        size, kind = struct.unpack_from(">I4s", raw, at)
        yield kind, at, size
        at += max(size, 8)
