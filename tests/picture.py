"""A picture as a test sees it: its pixels, and where its script puts bars and values."""
import datetime, re, struct, zlib
from harness import Fail


def expect(is_so, what):
    if not is_so:
        raise Fail(what)


def _up(line, before):
    """Sums of bytes, all of a row at once: two numbers of 8 * len bits, the carries kept apart."""
    n = len(line)
    low, a, b = int.from_bytes(b"\x7f" * n, "big"), int.from_bytes(line, "big"), int.from_bytes(before, "big")
    return bytearray((((a & low) + (b & low)) ^ ((a ^ b) & ~low & ((1 << 8 * n) - 1))).to_bytes(n, "big"))


def _row(how, line, before, size):
    if how == 2:
        return _up(line, before)
    n = len(line)
    if how == 1:
        for i in range(size, n):
            line[i] = (line[i] + line[i - size]) & 255
    elif how == 3:
        for i in range(n):
            line[i] = (line[i] + ((line[i - size] if i >= size else 0) + before[i]) // 2) & 255
    elif how == 4:
        for i in range(n):
            a, c = (line[i - size], before[i - size]) if i >= size else (0, 0)
            b = before[i]
            pa, pb = b - c, a - c
            pc = abs(pa + pb)
            pa, pb = abs(pa), abs(pb)
            line[i] = (line[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
    return line


class Png:
    """Width, height and pixels of a PNG of 8 bits, colour or palette."""

    def __init__(self, data):
        expect(data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND", "this is no whole PNG")
        at, packed, self.palette = 8, b"", None
        while at < len(data):
            n, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + n]
            expect(zlib.crc32(data[at + 4:at + 8 + n]) == struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0], "a part of the PNG is damaged")
            if kind == b"IHDR":
                self.width, self.height, depth, self.kind, _, _, _ = struct.unpack(">IIBBBBB", body)
                expect(depth == 8, f"{depth} bits")
            elif kind == b"PLTE":
                self.palette = body
            elif kind == b"IDAT":
                packed += body
            at += 12 + n
        size = self.size = {2: 3, 3: 1, 6: 4, 0: 1}[self.kind]
        raw, stride, before, self.rows = zlib.decompress(packed), self.width * size, bytes(self.width * size), []
        for y in range(self.height):
            begin = y * (stride + 1)
            before = _row(raw[begin], bytearray(raw[begin + 1:begin + 1 + stride]), before, size)
            self.rows.append(before)

    def at(self, x, y):
        p = self.rows[y][x * self.size:(x + 1) * self.size]
        if self.kind == 3:
            p = self.palette[3 * p[0]:3 * p[0] + 3]
        return tuple(p[:3]) if len(p) >= 3 else (p[0],) * 3

    def column(self, x, top, bottom):
        """The pixels of a column from row top to row bottom, both within the picture."""
        return [self.at(x, y) for y in range(max(0, int(top)), min(self.height, int(bottom) + 1))]

    def across(self, y):
        """The pixels of a row."""
        return [self.at(x, y) for x in range(self.width)]

    def columns(self, test, top=0.0, bottom=1.0):
        """x of the columns in which some pixel passes."""
        ys = range(int(self.height * top), int(self.height * bottom))
        return [x for x in range(self.width) if any(test(*self.at(x, y)) for y in ys)]

    def colours(self, step=5):
        return {self.at(x, y) for x in range(0, self.width, step) for y in range(0, self.height, step)}


class Pane:
    """Where a pane of a script puts bars and values, in pixels from the upper left corner of the picture."""

    def __init__(self, text, width, height):
        number = lambda pattern: [float(v) for v in re.search(pattern, text, re.M).groups()]
        margin = lambda name: number(rf"^set {name} at screen (\S+)$")[0]
        self.left, self.right = margin("lmargin") * (width - 1), margin("rmargin") * (width - 1)  # 1 is the last pixel
        self.top, self.bottom = (1 - margin("tmargin")) * (height - 1), (1 - margin("bmargin")) * (height - 1)
        self.x0, self.x1 = number(r"^set xrange \[(\S+):(\S+)\]$")
        self.lo, self.hi = number(r"^set yrange \[(\S+):(\S+)\]$")
        self.text = text

    def pitch(self):
        return (self.right - self.left) / (self.x1 - self.x0)

    def x(self, bar):
        """Column of the middle of a bar: gnuplot counts in twentieths of a pixel."""
        return int(round(20 * (self.left + (bar - self.x0) * self.pitch())) / 20)

    def y(self, value):
        """Row of a value, with its fraction."""
        return round(20 * (self.bottom - (value - self.lo) / (self.hi - self.lo) * (self.bottom - self.top))) / 20


def panes(script):
    """Those of a script from --script-only, from the top."""
    size = re.search(r"^set terminal \S+ .*?size (\d+),(\d+)", script, re.M)
    expect(size, "the script names no size")
    return [Pane(part, int(size[1]), int(size[2])) for part in script.split("unset label\nunset object\n")[1:]]


def longest(pixels, test):
    """Length of the longest row of neighbours that pass."""
    most = here = 0
    for p in pixels:
        here = here + 1 if test(*p) else 0
        most = max(most, here)
    return most


def days(n, start=datetime.date(1900, 1, 1)):
    """n days in a row, weekends and all: so many fit into no calendar of weekdays."""
    return [str(start + datetime.timedelta(i)) for i in range(n)]
