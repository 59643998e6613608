"""Cases of run-plot: a terminal that shows pixels, one that does not, and one that never answers."""
import fcntl, os, pty, select, struct, subprocess, termios, time
import harness
from picture import expect
from plot_desk import SAMPLE

ASKS = b"\033[c"
KINDS = [  # how the terminal is called, what it answers, whether it is asked, what is drawn
    ("xterm-256color", b"\033[?62;4;6;22c", True, "sixel"),
    ("xterm-256color", b"\033[?62;22c", True, "blocks"),
    ("xterm-256color", b"\033[?4;6c", True, "blocks"),  # the first number is the kind of terminal
    ("xterm-256color", b"nonsense", True, "blocks"),
    ("xterm-256color", None, True, "blocks"),
    ("dumb", b"\033[?62;4c", False, "blocks"),
    ("linux", b"\033[?62;4c", False, "blocks"),
]


def shown(d, term, answer, *words):
    """What came to a terminal of 100 x 40 characters, 1000 x 800 pixels, and whether it is as it was afterwards."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 1000, 800))
    before = termios.tcgetattr(slave)
    p = subprocess.Popen([d.goldpit, "plot", "MACD", os.path.join(SAMPLE, "600001.csv"), "-q", *words], stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
                         cwd=d.dir, env=dict(harness.environment(d.dir), TERM=term), start_new_session=True,
                         preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    data, answered, end = b"", False, time.time() + 60
    while time.time() < end:
        ended = p.poll() is not None  # asked first: what it wrote before is there then
        ready = select.select([master], [], [], 0.05)[0]
        if ready:
            data += os.read(master, 65536)
        if ASKS in data and not answered and answer is not None:
            os.write(master, answer)
            answered = True
        if not ready and ended:
            break
    status, same = p.wait(), termios.tcgetattr(slave) == before
    os.close(slave)
    os.close(master)
    expect(status == 0, f"{term}: exit {status}")
    expect(same, f"{term}: the terminal is not as it was")
    return data


def terminals(d):
    for term, answer, asked, kind in KINDS:
        data = shown(d, term, answer)
        expect((ASKS in data) == asked, f"{term}: {'not asked' if asked else 'asked'}")
        got = "sixel" if b"\033P" in data else "blocks" if any(c.encode() in data for c in "▀▄█") else "nothing"
        expect(got == kind, f"{term} that answers {answer}: {got}, not {kind}")
        if kind == "sixel":
            expect(b'"1;1;1000;720' in data, f"the picture does not fit the terminal: {data[:60]}")
            expect(data.rstrip().endswith(b"\033\\"), "the picture is not whole")
        else:
            lines = data.replace(ASKS, b"").decode("utf-8", "replace").splitlines()
            expect(20 < len(lines) <= 40, f"{len(lines)} lines in a terminal of 40")
    expect(b"\033P" in shown(d, "xterm-256color", None, "--format", "sixel"), "--format sixel, and nothing of it")
