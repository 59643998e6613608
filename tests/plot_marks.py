"""Cases of run-plot: what stands at single bars: signals, words, icons."""
import os, re, signal, subprocess, time
import harness
from picture import days, expect, panes
from plot_desk import SAMPLE, near


def signals(d):
    """What a formula draws below is marked below the candles: at its bars, in its colour, and nowhere else."""
    f = d.write("pit.tdx", "{@pane sub}\nA:0,NODRAW;\nB:=BARSCOUNT(C);\n坑:STICKLINE(B>=6 AND B<=10,C*0+5,10,2,0),COLOR00D7FF;\n"
                           "DRAWTEXT(B=15,8,'底'),COLORFF00FF;\nDRAWICON(B=18,8,2);\nSTICKLINE(B>10,0,B,2,0),COLOR00D7FF;\n")
    rows = [(10, 12, 9, 11, 5), (11, 12, 8, 9, 5)] * 10
    p = d.png(f, d.bars(rows), "--no-volume", "--width", "762", "--height", "600")
    bar = lambda x: int((x - 12) // 24)  # 680 pixels for 20 bars: the widest pitch, 24
    inside = lambda test: sorted({bar(x) for x in p.columns(test, 0.085, 0.62) if 12 < x < 690})
    gold = inside(near((255, 215, 0), 20))
    expect(gold == [6, 7, 8, 9, 10], f"gold at the bars {gold}")
    expect(inside(near((255, 0, 255), 40)) == [15], "the text is not marked at its bar")
    expect(inside(near((0, 200, 0), 40)) == [18], "the icon is not at its bar")
    p = d.png(f, d.bars(rows), "--no-volume", "--width", "762", "--height", "600", "--no-signals")
    expect(not inside(near((255, 215, 0), 20)), "--no-signals, and gold at the candles")
    expect("■坑" in d.plot(f, d.bars(rows), "--script-only")[0].decode(), "the mark has no name")


def texts_apart(d):
    """Words at neighbouring bars do not cover each other; a dot stands for one that has no room, and no name is made up."""
    f = d.write("words.tdx", "{@pane sub}\nB:=BARSCOUNT(C);\nSIN(B);\nDRAWTEXT(MOD(B,2)=0,0,'一二三四');\nDRAWTEXT(MOD(B,3)=0,0,'甲乙'),COLORRED;\n"
                             "DRAWICON(B>20,0.5,1);\nFILLRGN(B>0,0,0.1),RGBX101010;\n")
    words = (f, d.bars([(10, 12, 9, 11, 5)] * 90), "--no-volume", "--width", "900")
    script = d.plot(*words, "--script-only")[0].decode()
    pane, part = panes(script)[-1], script.split("unset label\nunset object\n")[-1]
    boxes = set()
    for name, text, rows in re.findall(r"^T\d+\[1\]='(一二三四|甲乙)'()\n\$d\d+ << EOD\n(.*?)EOD", part, re.M | re.S):
        for x, y, _ in (row.split() for row in rows.splitlines()):
            boxes.add((pane.x(float(x)), pane.y(float(y)), len(name) * 6))
    expect(len(boxes) > 10, f"{len(boxes)} words")
    for x, y, half in boxes:
        expect(x - half >= 11 and x + half <= 900 - 69, f"a word over the frame at {x}")
        for u, v, other in boxes - {(x, y, half)}:
            expect(abs(x - u) >= half + other - 3 or abs(y - v) >= 11, f"words over each other at {x},{y} and {u},{v}")
    expect(len(re.findall(r"with points pt 7 ps 0.25", part)) == 3, "no dots for what has no room")
    expect("'SIN(B) " in script and "NONAME" not in script and "FILLRGN1" not in script, "a name nobody gave")


def interrupted(d):
    """Ctrl-C and kill leave nothing behind: no folder, no file under way, no gnuplot."""
    tmp, pid = d.path("tmp"), d.path("pid")
    os.mkdir(tmp)
    slow = d.write("slow", f"#!/bin/sh\necho $$ >> {pid}\nread a; echo goldpit-version 5.4 >&2; read a; echo goldpit-done 1 >&2\nread a; echo x > 2.png; exec sleep 30\n")
    os.chmod(slow, 0o755)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for more in ({"GOLDPIT_GNUPLOT": slow}, {}):
            with subprocess.Popen([d.goldpit, "scan", "-e", "XG:C>O;", SAMPLE, "--within", "9", "--plot", "pictures", "-q"], cwd=d.dir,
                                  env={**harness.environment(d.dir), "TMPDIR": tmp, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
                until = time.monotonic() + 20
                while time.monotonic() < until and p.poll() is None and not [f for _, _, files in os.walk(tmp) for f in files]:
                    time.sleep(0.002)
                expect(p.poll() is None, "it ended before it could be interrupted")
                p.send_signal(number)
                expect(p.wait(20) == -number, f"ended with {p.returncode} after signal {number}")
            left = os.listdir(tmp) + [f for f in os.listdir(d.path("pictures")) if f.startswith(".")]
            expect(not left, f"left behind after signal {number}: {left}")
        with open(pid) as f:
            alive = [n for n in f.read().split() if os.path.exists(f"/proc/{n}/stat")]
        expect(not alive, f"gnuplot goes on: {alive}")


def thinned(d):
    """Whatever draws at every bar: thirty bars to a pixel are drawn as few, and their highest and lowest values are there."""
    n = 30000
    rows = [(10, 11, 9, 10 + (i % 3 - 1) * 0.5, 5) for i in range(n)]
    rows[n // 3], rows[n // 2] = (10, 77, 9, 50, 5), (10, 11, 1.25, 4, 5)
    data = d.write("big.csv", "date,open,high,low,close,volume\n" + "".join(f"{day},{','.join(str(x) for x in r)}\n" for day, r in zip(days(n), rows)))
    for formula, lowest, highest in (("DRAWBAND(H,COLORRED,L,COLORGREEN);", 1.25, 77), ("FILLRGN(C>0,H,L),COLORBLUE;", 1.25, 77), ("PARTLINE(C,C>O,COLORRED,1,COLORGREEN);", 4, 50),
                                     ("POLYLINE(1,C);", 4, 50), ("DRAWLINE(C>0,L,C>0,H,0);", 1.25, None), ("STICKLINE(1,H,L,2,0);", 1.25, 77),
                                     ("HORLINE(1,C,1,0);", 4, 50), ("VERTLINE(1,1);", None, None), ("DRAWGBK_DIV(C>O,COLORRED,COLORRED,0,0);", None, None),
                                     ("DRAWICON(C>0,C,1);", None, None), ("DRAWTEXT(C>0,C,'x');", None, None), ("DRAWNUMBER(C>0,C,C);", None, None)):
        script = d.plot("-e", "{@pane sub} " + formula, data, "--last", str(n), "--no-volume", "--script-only")[0].decode()
        sub = script.split("unset label\nunset object\n")[-1]
        expect(len(sub) < 200000, f"{formula} a script of {len(sub)} bytes")
        upright = [[float(v) for v in row.split()] for row in re.findall(r"^\S+ \S+ 0 \S+(?: \d+)?$", sub, re.M)]
        points = [float(y) for y in re.findall(r"^[-.\d]+ ([-.\d]+)$", sub, re.M)]
        if lowest is not None:
            least, most = min([r[1] for r in upright] + points), max([r[1] + r[3] for r in upright] + points)
            expect(abs(least - lowest) < 1e-6, f"{formula} the lowest value is {least}, not {lowest}")
            expect(highest is None or abs(most - highest) < 1e-6, f"{formula} the highest value is {most}, not {highest}")


def hollow(d):
    """Lines of an SVG lie on pixels: half a pixel away from gnuplot's whole numbers, and the background goes beyond the edges."""
    svg = d.plot("MA", os.path.join(SAMPLE, "600001.csv"), "--format", "svg", "-o", "-", "--width", "700", "--height", "400")[0].decode()
    canvas = re.search(r"<g id=\"gnuplot_canvas\" transform=\"translate\(0.5,0.5\)\">\s*<rect x=\"-1\" y=\"-1\" transform=\"scale\(1.01\)\" width=\"700\" height=\"400\"", svg)
    expect(canvas, "the lines of the picture colour two pixels by half")


CASES = [signals, texts_apart, interrupted, thinned, hollow]
