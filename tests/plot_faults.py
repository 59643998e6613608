"""Cases of run-plot: hostile names, odd data, gnuplots that fail, disks that are full, fonts that lack."""
import os, re, resource, shutil, signal, subprocess, time
import harness
from harness import Skip
from picture import Png, expect, panes
from plot_desk import COLOURS, SAMPLE, near


def hostile(d):
    """Whatever names hold, gnuplot sees it as text."""
    evil = ["`touch marker`", "'.system('touch marker').'", '"; system "touch marker"; #', "a@b{c}^d_e~f&g", "x\\n\\", "$(touch marker)", "!touch marker"]
    for k, name in enumerate(evil):
        text = name.replace("'", "")
        f = d.write(f"e{k}.tdx", f"{{@title {name.replace('{', '').replace('}', '')}}}\n{{@pane sub}}\nA:C;\nDRAWTEXT(C>0,C,'{text}');\nDRAWTEXT_FIX(1,0,0,0,'{text}');\n")
        data = d.write("q.csv", "code,name,date,open,high,low,close,volume\n" + "".join(
            f'600000,"{name.replace(chr(34), chr(34) * 2)}",{day},10,11,9,10,5\n' for day in harness.weekdays(6)))
        svg = d.plot(f, data, "--format", "svg", "-o", "-", status=0)[0]
        script = d.plot(f, data, "--script-only", status=0)[0].decode()
        expect(not os.path.exists(d.path("marker")), f"{name} was run")
        expect(svg.rstrip().endswith(b"</svg>"), f"{name}: no picture")
        for line in script.splitlines():
            plain = re.sub(r"'(?:[^']|'')*'", "", line)  # outside of quoted constants
            expect("touch" not in plain or plain.lstrip().startswith("#"), f"{name} stands bare in: {line}")


# ---- what cannot be drawn, and what is odd ----

NO_DATA = 4


def refused(d, said, *words, keeps=(), **how):
    """Ends with status 4 and a message that holds the words said; leaves no file."""
    before = {f: open(d.path(f), "rb").read() for f in os.listdir(d.dir) if f not in keeps and os.path.isfile(d.path(f))}
    out, err = d.run(*words, "--quiet", status=NO_DATA, **how)
    expect(said in err, f"{' '.join(words)}: '{said}' is not in: {err[-300:]}")
    expect(b"\x89PNG" not in out, f"{' '.join(words)}: half a picture on standard output")
    extra = d.left(*before, "tmp", *keeps)
    expect(not extra, f"{' '.join(words)}: left behind: {extra}")
    for f, was in before.items():
        expect(open(d.path(f), "rb").read() == was, f"{' '.join(words)}: {f} was touched")


def odd_data(d):
    """One bar, none, lines that are null throughout, infinities."""
    one = d.bars([(10, 11, 9, 10.5, 5)], "one.csv")
    p, at = d.drawn("MACD", one)
    expect(any(near(COLOURS["tdx"][0], 40)(*v) for v in p.column(at[0].x(0), at[0].y(11), at[0].y(9))), "one bar is not there")
    flat = d.bars([(10, 10, 10, 10, 0)] * 30, "flat.csv")
    p, at = d.drawn("MACD", flat)
    expect(all(near(COLOURS["tdx"][0], 40)(*p.at(at[0].x(i), int(at[0].y(10)))) for i in range(30)), "the bars of a flat line are not there")
    same = d.bars([(10, 10, 10, 10, 0)] * 500, "same.csv")  # fewer than three pixels to the bar, as days at the limit
    p, at = d.drawn("MACD", same, "--last", "500")
    gone = [i for i in range(500) if not any(near(COLOURS["tdx"][0], 60)(*v) for v in p.column(at[0].x(i), at[0].y(10) - 2, at[0].y(10) + 2))]
    expect(not gone, f"prices that stay the same are not drawn on the bars {gone[:9]}")
    _, err = d.plot("MACD", os.path.join(SAMPLE, "600001.csv"), "--log", "-o", d.path("log.png"))
    expect(not err, f"a picture on a logarithmic scale: {err}")
    sample = os.path.join(SAMPLE, "600001.csv")
    for formula, empty in (("A:DRAWNULL;", True), ("X:=C;", True), ("DRAWTEXT(C<0,C,'x');", True), ("A:POW(10,400);", True), ("A:C;", False), ("XG:C>O;", False)):
        _, err = d.run("plot", "-e", formula, sample, "-o", "e.png")
        expect(("GP716" in err) == empty, f"{formula}: {err}")
    for pane, far in (("main", True), ("sub", False)):
        _, err = d.run("plot", "MACD", sample, "--pane", pane, "-o", "e.png")
        expect(("GP718" in err) == far, f"--pane {pane}: {err}")
    main, plain = (panes(d.plot("MACD", sample, "--pane", pane, "--script-only")[0].decode())[0] for pane in ("main", "sub"))
    expect(abs(main.lo - plain.lo) < 0.1 * plain.lo, f"values far from the prices press the candles flat: {main.lo} to {main.hi}")
    d.run("plot", "MACD", sample, "--width", "120", "--height", "80", "-o", "e.png", status=2)
    below = d.bars([(1, 2, -1, 1, 5)] * 9, "below.csv")
    expect("GP717" in d.run("plot", "MA", below, "--log", "-o", "e.png")[1], "a logarithmic scale that cannot be had")
    d.run("plot", "MA", sample, "-o", "new/", "-q")
    expect(os.listdir(d.path("new")) == ["SH600001.png"], "a folder that was not there")
    shutil.rmtree(d.path("new")), os.remove(d.path("e.png"))
    blank = d.png("-e", "{@pane sub} A:DRAWNULL;", flat, "--width", "300", "--height", "240").rows
    for formula in ("A:DRAWNULL,STICK;", "A:DRAWNULL,COLORSTICK;", "A:DRAWNULL,CIRCLEDOT;", "A:1/0;", "A:LN(-1);", "A:POW(10,300)*POW(10,300);"):
        got = d.png("-e", "{@pane sub} " + formula, flat, "--width", "300", "--height", "240").rows
        expect(got == blank or "POW" in formula, f"{formula}: something is drawn, and there is no value")
    for formula in ("A:POW(10,C*1000);B:C;", "A:-POW(10,300)*POW(10,300);B:C;", "STICKLINE(1,POW(10,999),1,2,0);", "DRAWBAND(POW(10,999),COLORRED,1,COLORBLUE);",
                    "DRAWLINE(C>0,POW(10,999),C>0,1,1);", "DRAWTEXT(1,POW(10,999),'x');", "DRAWKLINE(POW(10,999),1,1,1);", "PARTLINE(POW(10,999),1,COLORRED);"):
        script = d.plot("-e", "{@pane sub} " + formula, flat, "--script-only")[0].decode()
        bare = re.sub(r"'(?:[^']|'')*'", "", script)
        expect(not re.search(r"[\s:\[-](inf|nan)\b", bare, re.I) or re.search(r"^plot NaN$", bare, re.M), f"{formula}: the script holds an infinity")
        d.png("-e", "{@pane sub} " + formula, flat, "--width", "300", "--height", "240")
    none = d.write("none.csv", "date,open,high,low,close\n")
    nulls = d.write("nulls.csv", "date,open,high,low,close,volume\n2024-01-02,,,,,\n2024-01-03,inf,inf,inf,inf,inf\n")
    refused(d, "no rows", "plot", "MACD", none, "-o", "n.png")
    refused(d, "none of the 2 rows", "plot", "MACD", nulls, "-o", "n.png")
    refused(d, "no bar", "plot", "MACD", flat, "--from", "2099-01-01", "-o", "n.png")
    refused(d, "no bar", "plot", "MACD", flat, "--from", "2099-01-01", "--format", "png", "-o", "-")


# One that answers as 4.6 does, in whichever way it is asked.
OLD = """case "$1" in --version) echo 'gnuplot 4.6 patchlevel 6'; exit 0;; esac
while read -r line; do
    case "$line" in
    "print 'goldpit-version"*) echo 'goldpit-version 4.6' >&2;;
    "print 'goldpit-done"*) n=${line##* }; echo "goldpit-done ${n%\\'}" >&2;;
    esac
done
"""
# One that answers when it is asked for its version, and then does as the case says.
NEW = """case "$1" in --version) echo 'gnuplot 5.4 patchlevel 4'; exit 0;; esac
read -r line; read -r line; printf 'goldpit-version 5.4\\ngoldpit-done 1\\n' >&2
echo $$ > "$PID_FILE"
"""


def fake(d, name, text):
    path = d.write(name, "#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return {"GOLDPIT_GNUPLOT": path, "GOLDPIT_GNUPLOT_SECONDS": "0.5", "PID_FILE": d.path("pid")}


GNUPLOTS = {
    "absent": (None, "does not run"),
    "old": (OLD, "is version 4.6, and pictures take 5.4 or later"),
    "odd": ("echo hello\n", "does not answer as gnuplot does"),
    "empty": ("exit 0\n", "does not answer as gnuplot does"),
    "hangs": ("exec sleep 20\n", "did not finish"),
    "hangs later": (NEW + "exec sleep 20\n", "did not finish"),
    "is deaf": (NEW + "exec sleep 20\n", "did not finish"),  # the script is larger than the pipe
    "killed": ("kill -9 $$\n", "was ended by signal 9"),
    "killed later": (NEW + "kill -9 $$\n", "was ended by signal 9"),
    "complains": (NEW + "echo 'no luck' >&2; exit 3\n", "no luck"),
    "leaves half": (NEW + "printf '\\211PNG half' > 2.png; echo 'goldpit-done 2' >&2; cat > /dev/null\n", "its end is missing"),
    "leaves nothing": (NEW + "echo 'goldpit-done 2' >&2; cat > /dev/null\n", "did not write the picture"),
}


def no_gnuplot(name):
    def gone(pid):
        for _ in range(40):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.05)
        return False

    def case(d):
        text, said = GNUPLOTS[name]
        d.write("old.png", "as it was")
        os.mkdir(d.path("tmp"))
        env = dict(fake(d, "gnuplot", text) if text else {"GOLDPIT_GNUPLOT": d.path("absent")}, TMPDIR=d.path("tmp"))
        data = d.bars([(10, 11, 9, 10, 5)] * (1500 if name == "is deaf" else 60))
        for picture in ("old.png", "new.png"):
            began = time.time()
            refused(d, said, "plot", "MACD", data, "-o", picture, "--last", "1500", env=env, keeps=("pid",))
            expect(time.time() - began < 15, "it took too long")
            expect(not os.listdir(d.path("tmp")), f"left in TMPDIR: {os.listdir(d.path('tmp'))}")
            if os.path.exists(d.path("pid")):
                expect(gone(int(open(d.path("pid")).read())), "gnuplot goes on")
    return case


def no_room(d):
    """A full disk, for gnuplot and for goldpit; places that cannot be written to."""
    data = os.path.join(SAMPLE, "600001.csv")
    d.write("old.png", "as it was")
    d.write("old.html", "as it was")

    def at_most(n):
        def set_limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))
        return set_limit
    for name in ("old.png", "new.png", "new.svg", "new.pdf", "new.html"):
        refused(d, "did not write the picture", "plot", "MACD", data, "-o", name, before=at_most(3000))
    page, svg = (len(d.plot("MACD", data, "--last", "60", "--format", f, "-o", "-")[0]) for f in ("html", "svg"))
    expect(page > svg + 4000, f"a page of {page} bytes around a drawing of {svg}")
    for name in ("old.html", "new.html"):  # gnuplot's part has room, the page around it has none
        refused(d, "cannot be written", "plot", "MACD", data, "--last", "60", "-o", name, before=at_most(page - 1000))
    refused(d, "cannot be written", "plot", "MACD", data, "-o", "no/such/folder/x.png")
    refused(d, "cannot be written", "plot", "MACD", data, "-o", "old.png/x.png")
    refused(d, "no place for pictures", "plot", "MACD", data, "-o", "x.png", env={"TMPDIR": d.path("nowhere")})
    if os.path.exists("/dev/full"):
        refused(d, "No space left", "plot", "MACD", data, "--format", "png", "-o", "/dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([d.goldpit, "plot", "MACD", data, "--format", "png", "-o", "-", "-q"], cwd=d.dir, stdout=full, stderr=subprocess.PIPE,
                                  env=harness.environment(d.dir))
        expect(done.returncode == NO_DATA and b"could not be written" in done.stderr, f"standard output is full: {done.returncode} {done.stderr}")
    if os.geteuid() != 0:
        os.mkdir(d.path("locked"), 0o555)
        refused(d, "cannot be written", "plot", "MACD", data, "-o", "locked/x.png")


def no_font(d):
    """A machine whose only fonts lack Chinese: squares of the size of a letter, and one warning for all pictures."""
    folders = subprocess.run(["fc-list", ":family=DejaVu Sans", "file"], capture_output=True, text=True).stdout.split(":")[0]
    if not folders:
        raise Skip("fontconfig has no DejaVu Sans")
    bare = {"FONTCONFIG_FILE": d.write("bare.conf", f"<?xml version='1.0'?><fontconfig><dir>{os.path.dirname(folders.strip())}</dir>"
                                                    f"<cachedir>{d.path('cache')}</cachedir></fontconfig>")}
    f = d.write("words.tdx", "{@pane sub}\n线:C*0;\nDRAWTEXT(BARSCOUNT(C)%5=0,0,'黄金坑'),COLORYELLOW;\n")
    data = [d.bars([(10, 11, 9, 10, 5)] * 20, name) for name in ("600000.csv", "600004.csv")]
    _, err = d.run("plot", f, *data, "-o", d.dir + "/", env=bare)
    expect(err.count("GP711") == 1 and "fonts-noto-cjk" in err and "线" in err, f"not one warning: {err}")
    p = Png(open(d.path("SH600004.png"), "rb").read())
    yellow = [(x, y) for y in range(p.height) for x in range(p.width) if p.at(x, y)[0] > 90 and p.at(x, y)[1] > 90 and p.at(x, y)[2] < 60]
    expect(100 < len(yellow) < 4000, f"{len(yellow)} yellow pixels for four words of three squares")
    script = d.run("plot", f, data[0], "--script-only", "-q", env=bare)[0].decode()
    expect("□□□" in script and not re.search("[线黄金坑]", script), "the script has characters that no font has")
    svg = d.run("plot", f, data[0], "--format", "svg", "-o", "-", "-q", env=bare)[0].decode()
    expect("黄金坑" in svg and "□" not in svg, "the viewer of an SVG has its own fonts, and the words are gone")
