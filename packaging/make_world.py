#!/usr/bin/env python3
"""Turns world-atlas' countries-110m.json (Natural Earth, public domain) into resources/map/world.bin.

usage: make_world.py countries-110m.json resources/map/world.bin

The input is TopoJSON: arcs of delta-coded integers shared by neighbours. Every ring is unwrapped, cut into the
strip of 360 degrees it belongs to and moved back, so that no edge runs across the map where a country crosses
180 degrees east. Antarctica is left out: nobody signs in there, and its ring has no inside on a flat map.

Output, little endian: "RDW1", u16 number of rings, then per ring u16 ISO 3166-1 numeric country (0 unknown),
u16 number of points, and per point i16 longitude, i16 latitude in hundredths of a degree.
"""
import json
import struct
import sys

ANTARCTICA = 10


def decode_arcs(topology):
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def ring_points(arcs, indices):
    points = []
    for index in indices:
        part = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(part[1:] if points else part)
    return points[:-1]


def unwrap(points):
    out = [points[0]]
    for lon, lat in points[1:]:
        while lon - out[-1][0] > 180:
            lon -= 360
        while lon - out[-1][0] < -180:
            lon += 360
        out.append((lon, lat))
    return out


def clip(points, edge, keep_below):
    """Sutherland-Hodgman against one meridian."""
    inside = lambda p: p[0] <= edge if keep_below else p[0] >= edge
    out = []
    for i, b in enumerate(points):
        a = points[i - 1]
        if inside(a) != inside(b):
            t = (edge - a[0]) / (b[0] - a[0])
            out.append((edge, a[1] + t * (b[1] - a[1])))
        if inside(b):
            out.append(b)
    return out


def strips(points):
    for k in (-1, 0, 1):
        part = clip(clip(points, 180 + 360 * k, True), -180 + 360 * k, False)
        if len(part) >= 3:
            yield [(lon - 360 * k, lat) for lon, lat in part]


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        topology = json.load(source)
    arcs = list(decode_arcs(topology))
    rings = []
    for country in topology["objects"]["countries"]["geometries"]:
        number = int(country.get("id", 0))
        if number == ANTARCTICA:
            continue
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        for polygon in polygons:
            for indices in polygon:
                rings.extend((number, part) for part in strips(unwrap(ring_points(arcs, indices))))
    with open(sys.argv[2], "wb") as target:
        target.write(b"RDW1" + struct.pack("<H", len(rings)))
        for number, points in rings:
            target.write(struct.pack("<HH", number, len(points)))
            for lon, lat in points:
                target.write(struct.pack("<hh", round(lon * 100), round(lat * 100)))


main()
