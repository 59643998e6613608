"""PNG pictures as rows of (red, green, blue): what gnuplot's cairo terminal writes, 8 bits a channel, no palette."""
import struct, zlib


class Picture:
    def __init__(self, data):
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError("no PNG")
        at, packed, ended = 8, b"", False
        while at < len(data):
            n, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + n]
            if zlib.crc32(kind + body) != struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0]:
                raise ValueError(f"chunk {kind} is damaged")
            if kind == b"IHDR":
                self.width, self.height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                if depth != 8 or colour not in (2, 6) or interlaced:
                    raise ValueError(f"depth {depth}, colour {colour}, interlaced {interlaced}")
                self.bytes = 3 if colour == 2 else 4
            elif kind == b"IDAT":
                packed += body
            elif kind == b"IEND":
                ended = True
            at += 12 + n
        if not ended:
            raise ValueError("the end is missing")
        self.rows = self._unfilter(zlib.decompress(packed))

    def _unfilter(self, raw):
        step, k, rows, before = self.width * self.bytes, self.bytes, [], bytearray(self.width * self.bytes)
        for y in range(self.height):
            at = y * (step + 1)
            kind, row = raw[at], bytearray(raw[at + 1:at + 1 + step])
            if kind == 1:
                for i in range(k, step):
                    row[i] = (row[i] + row[i - k]) & 255
            elif kind == 2:
                for i in range(step):
                    row[i] = (row[i] + before[i]) & 255
            elif kind == 3:
                for i in range(step):
                    row[i] = (row[i] + ((row[i - k] if i >= k else 0) + before[i]) // 2) & 255
            elif kind == 4:
                for i in range(step):
                    a, b, c = (row[i - k] if i >= k else 0), before[i], (before[i - k] if i >= k else 0)
                    p = a + b - c
                    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                    row[i] = (row[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
            rows.append(row)
            before = row
        return rows

    def at(self, x, y):
        i = x * self.bytes
        return tuple(self.rows[y][i:i + 3])

    def count(self, colour, left=0, top=0, right=None, bottom=None):
        """Pixels of exactly that colour in a rectangle."""
        return sum(self.at(x, y) == colour for y in range(top, bottom or self.height) for x in range(left, right or self.width))


def write(path, width, height, pixel):
    """A PNG whose pixel at x, y is pixel(x, y): for looking at parts of another one."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    raw = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
