"""Cases of run-plot: the pictures of hitrate, backtest and sweep."""
import csv, json, math, os, re
from picture import Png, expect, panes
from plot_desk import SAMPLE


def is_ink(r, g, b): return r > 240 and g > 240 and b < 60            # of the signals in the theme tdx
def is_column(r, g, b): return abs(r - 166) < 4 and abs(g - 166) < 4 and b < 12
def is_grey(r, g, b): return r == g == b and 140 < r < 200             # what they are compared with


def hitrates(d):
    """Columns of the distribution in the left half, the two paths in the right one; whatever a signal is called is text."""
    p = d.path("h.png")
    d.run("hitrate", "golden-pit", SAMPLE, "--signal", "黄金坑", "--plot", p, "-q")
    p = Png(open(p, "rb").read())
    ink, grey = p.columns(lambda *v: is_ink(*v) or is_column(*v), 0.15, 0.85), p.columns(is_grey, 0.15, 0.85)
    for name, xs in (("signals", ink), ("any bar", grey)):
        expect(sum(x < p.width / 2 for x in xs) > 100 and sum(x > p.width / 2 for x in xs) > 300, f"{name}: {len(xs)} columns of pixels")
    for kind, head in (("svg", b"<?xml"), ("pdf", b"%PDF")):
        d.run("hitrate", "-e", "DRAWTEXT(C>O,L,'`touch marker`%d {a}^b');X:C<O;", SAMPLE, "--signal", "X", "--plot", f"x.{kind}", "--theme", "light", "-q")
        expect(open(d.path(f"x.{kind}"), "rb").read().startswith(head), f"no {kind}")
    data = os.path.join(SAMPLE, "600001.csv")
    script = d.run("hitrate", "-e", "DRAWTEXT(C>O,L,'`touch marker` %d');", data, "--plot", "e.png", "--script-only", "-q")[0].decode()
    d.run("hitrate", "-e", "DRAWTEXT(C>O,L,'`touch marker` %d');", data, "--plot", "e.png", "-q")
    expect("touch" in script and not any("touch" in re.sub(r"'(?:[^']|'')*'", "", line) for line in script.splitlines()), "a signal's name stands bare")
    expect(not os.path.exists(d.path("marker")), "a signal's name was run")
    d.run("hitrate", "-e", "X:C<0;", data, "--plot", "none.png", "-q")
    expect(len(Png(open(d.path("none.png"), "rb").read()).columns(is_grey, 0.15, 0.85)) > 300, "no signal, and any bar is not drawn")


def backtests(d):
    """One security: marks at its candles, the money below; several: the account and its falls."""
    rows = [(10, 11, 9, 10, 5)] * 10 + [(12, 13, 11, 12, 5)] * 10
    rule = ["-e", "A:BARSCOUNT(C)=5;", "--hold", "8", "--limit", "none", "-q"]
    def blue(r, g, b): return b > r + 60 and b > g
    d.run("backtest", *rule, d.bars(rows), "--plot", "one.png", "--width", "900", "--height", "700", "--theme", "light")
    p = Png(open(d.path("one.png"), "rb").read())
    expect((p.width, p.height) == (900, 700), f"{p.width} x {p.height}")
    account = p.columns(blue, 0.55, 0.85)
    expect(len(account) > 250, f"the account is {len(account)} columns of pixels wide")
    script = d.run("backtest", *rule, d.bars(rows), "--script-only")[0].decode()
    expect("'B\n" in script.replace('"\n"', "\n") or "10.00" in script, "no price at the purchase")
    d.bars(rows, "600001.csv")
    d.bars(rows[::-1], "600002.csv")
    d.run("backtest", *rule, "600001.csv", "600002.csv", "--plot", "two.svg", "--lang", "zh")
    svg = open(d.path("two.svg"), encoding="utf-8").read()
    expect("程序交易评测" in svg and "回撤" in svg, "no words of the account")
    _, err = d.run("backtest", *rule, "600001.csv", "--plot", "no/such/x.png", status=4)
    expect("cannot be written" in err, err)
    d.run("backtest", *rule, "600001.csv", "--plot", "x.bmp", status=2)
    d.run("backtest", "-e", "A:C<0;", "--hold", "1", "-q", "600001.csv", "--plot", "none.png")
    expect(d.run("backtest", "-e", "ENTERLONG:REFX(C,1)>C;", "--hold", "1", "-q", "600001.csv", "--allow-future", "--script-only")[0].count(b"LOOKS AHEAD") == 1,
           "a picture of a formula that looks ahead does not say so")


def words_of(script):
    """Of each word at a bar of the first pane its place in pixels and half its size; halos, which stand before, have the same places."""
    pane, part = panes(script)[0], script.split("unset label\nunset object\n")[1]
    for array, rows in re.findall(r"^array T\d+\[\d+\]\n((?:T\d+\[\d+\]=[^\n]*\n)+)\$d\d+ << EOD\n(.*?)EOD", part, re.M | re.S):
        texts = [text for text in re.findall(r"='(.*)'$", array, re.M)]
        for x, y, n in (row.split() for row in rows.splitlines()):
            text = texts[int(n) - 1]
            yield text, pane.x(float(x)), pane.y(float(y)), sum(5.6 if ord(c) < 256 else 12 for c in text) / 2


def arrows_of(script):
    """Number of outlines of seven corners."""
    return len(re.findall(r"(?:^[-.\de+]+ [-.\de+]+\n){8}\n", script.split("unset label\nunset object\n")[1], re.M))


def trades(d):
    """Every trade has its two arrows, however many; words neither cover each other nor a candle, and stand within the pane."""
    def market(n, wave):
        close = [20 + 9 * math.sin(i / n * 9) + 1.8 * math.sin(i / wave) for i in range(n)]
        return [(close[max(i - 1, 0)], max(close[i], close[i - 1]) + 0.2, min(close[i], close[max(i - 1, 0)]) - 0.2, close[i], 5) for i in range(n)]
    for n, wave, some in ((250, 1.6, 20), (2000, 1.6, 170)):
        rows = market(n, wave)
        data = d.bars([tuple(round(v, 2) for v in r) for r in rows])
        words = ["backtest", "-e", "A:C;", "--entry", "MOD(BARSCOUNT(C),10)=3", "--exit", "MOD(BARSCOUNT(C),10)=8", data, "--limit", "none", "-q"]
        script = d.run(*words, "--script-only")[0].decode()
        pane, n_trades = panes(script)[0], len(d.run(*words, "--trades", "t.csv") and open(d.path("t.csv")).read().splitlines()) - 1
        expect(n_trades >= some, f"{n_trades} trades")
        expect(arrows_of(script) == 2 * n_trades, f"{arrows_of(script)} arrows of {n_trades} trades")
        boxes = sorted(set(words_of(script)))
        prices = [b for b in boxes if re.match("[BS] ", b[0])]
        expect(len(prices) > 30 if n == 250 else not prices and len(boxes) > 20, f"{n} bars: {len(boxes)} words, {len(prices)} with a price")
        for text, x, y, half in boxes:
            expect(x - half >= pane.left and x + half <= pane.right and pane.top <= y - 5 and y + 5 <= pane.bottom, f"'{text}' over the frame at {x},{y}")
            for i, (o, h, l, c, _) in enumerate(rows):
                expect(abs(pane.x(i) - x) > half - 2 or pane.y(l) < y - 5 or pane.y(h) > y + 5, f"'{text}' at {x},{y} over bar {i}")
            for other, u, v, wide in boxes:
                expect((text, x, y) == (other, u, v) or abs(x - u) >= half + wide - 3 or abs(y - v) >= 11, f"'{text}' and '{other}' over each other at {x},{y}")
    few = [b[0] for b in words_of(d.run("backtest", "-e", "A:BARSCOUNT(C)=5;", "--hold", "8", "--limit", "none", "-q", "--lang", "zh",
                                        d.bars([(10, 11, 9, 10, 5)] * 10 + [(12, 13, 11, 12, 5)] * 10), "--script-only")[0].decode())]
    expect({"B 10.00", "S 12.00"} < set(few) and any(re.fullmatch(r"\+19\.\d% 到期", w) for w in few), f"words of one trade: {few}")


def labels_of(script):
    """Words at places of the page: text, left edge, row and width in pixels, the last a little too narrow."""
    width, height = (int(v) for v in re.search(r"^set terminal \S+ .*?size (\d+),(\d+)", script, re.M).groups())
    for x, y, text, side, size in re.findall(r"^set label at screen (\S+),(\S+) '((?:[^']|'')*)' (\w+) font ',([\d.]+)'", script, re.M):
        wide = sum(0.5 if ord(c) < 256 else 1 for c in text) * float(size) / 0.75
        yield text, float(x) * width - (wide / 2 if side == "center" else 0), (1 - float(y)) * height, wide


LONG = "一个很长的信号名称用来看标题是否被截断或者与旁边的文字重叠"
PICTURES = {
    "hitrate": ["hitrate", "-e", f"{LONG}:CROSS(C,MA(C,10));", "600001.csv", "600002.csv", "--signal", LONG],
    "hitrate, nothing": ["hitrate", "-e", "X:C<0;", "600001.csv", "--after", "3"],
    "backtest of one": ["backtest", "-e", "X:CROSS(C,MA(C,10));", "600001.csv", "--hold", "5", "--stop", "3%", "--last", "90"],
    "backtest of two": ["backtest", "-e", "X:CROSS(C,MA(C,10));", "600001.csv", "600002.csv", "--hold", "5", "--last", "90"],
    "sweep, line": ["sweep", "-e", "X:CROSS(C,MA(C,N));", "600001.csv", "600002.csv", "-p", "N=5:30:5", "--least", "1", "--split", "2024-06-01"],
    "sweep, map": ["sweep", "-e", "X:CROSS(C,MA(C,N));", "600001.csv", "600002.csv", "-p", "N=5:30:5", "--hold", "5,10", "--metric", "calmar", "--least", "1", "--split", "2024-06-01"],
    "sweep of a stop": ["sweep", "-e", "X:CROSS(C,MA(C,N));", "600001.csv", "-p", "N=5", "--hold", "9", "--stop", "3%,6%,none", "--metric", "total", "--least", "1"],
    "backtest that looks ahead": ["backtest", "-e", "ENTERLONG:REFX(C,1)>C;", "600001.csv", "--hold", "5", "--allow-future"],
}


def sentences(d):
    """With --lang zh the words of a picture are Chinese; at every size they stand within it and not over each other."""
    for code in ("600001", "600002"):
        d.write(f"{code}.csv", open(os.path.join(SAMPLE, f"{code}.csv"), encoding="utf-8").read())
    for name, words in PICTURES.items():
        for width in ("1200", "520"):
            script = d.run(*words, "--plot", "x.png", "--script-only", "-q", "--lang", "zh", "--width", width, "--height", "600")[0].decode()
            labels = list(labels_of(script))
            expect(len(labels) > 3, f"{name}: {len(labels)} words")
            for text in [label[0] for label in labels] + re.findall(r"^T\d+\[\d+\]='(.*)'$", script, re.M):
                english = set(re.findall(r"[A-Za-z]{2,}", text)) - {"SH", "REFX", "REF", "CROSS", "MA", "ENTERLONG", "bar"} # the formula stays as it is
                expect(not english, f"{name}: '{text}' is English")
            for text, x, y, wide in labels:
                expect(x + wide <= int(width) + 2, f"{name}: '{text}' ends at {x + wide:.0f} of {width}")
                for other, u, v, w in labels:
                    expect(other == text or abs(v - y) > 8 or u + w <= x + 2 or x + wide <= u + 2, f"{name}, {width}: '{text}' and '{other}' over each other")


def quiet(d):
    """An account that never falls has no pane of falls."""
    data = d.bars([(10, 11, 9, 10, 5)] * 20)
    falls = lambda condition: "drawdown %" in d.run("backtest", "-e", f"X:{condition};", "--hold", "5", "-q", data, "--script-only")[0].decode()
    expect(falls("BARSCOUNT(C)=5") and not falls("C<0"), "a pane of falls of an account without any")


def pages(d):
    """Pages that need nothing else: what they know of their panels is what the tables say, and no name leaves its place."""
    for code in ("600001", "600002"):
        d.write(f"{code}.csv", open(os.path.join(SAMPLE, f"{code}.csv"), encoding="utf-8").read())

    def page(*words):
        d.run(*words, "-q", "--plot", "x.html", "--lang", "zh")
        text = open(d.path("x.html"), encoding="utf-8").read()
        expect(text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>") and text.count("<svg") == text.count("</svg>") == 1, "no page with one drawing")
        expect(not re.search(r"src=|[^:]href=|href=.[^#]|url\(|@import|https?://(?!www\.w3\.org)", text), "the page loads something")
        expect(text.count("<script") == text.count("</script>") == 2, "a name opens or closes a script")
        heading = re.search(r'<div id="heading"><b>(.*?)</b> (.*?)</div>', text, re.S)
        return json.loads(re.search(r'id="facts">(.*?)</script>', text, re.S)[1]), heading[1], heading[2], text
    evil = "DRAWTEXT(C>O,L,'</script><b>&amp;');"
    facts, title, caption, text = page("hitrate", "-e", evil, "600001.csv", "600002.csv")
    expect(title == "成功率" and "2 只证券" in caption, f"{title}: {caption}")
    expect([len(p["lines"]) for p in facts["panels"]] == [2, 2] and abs(sum(facts["panels"][0]["lines"][0][1]) - 100) < 0.1, f"{facts['panels'][0]}")
    expect("<b>&amp;" not in text and "&lt;/script>&lt;b>" in text, "the name of a signal is no text")
    facts, title, caption, _ = page("backtest", "-e", "X:CROSS(C,MA(C,10));", "600001.csv", "600002.csv", "--hold", "5", "--equity", "e.csv")
    rows = list(csv.DictReader(open(d.path("e.csv"), encoding="utf-8")))
    expect(facts["newest"] and facts["panels"][0]["label"] == [r["date"] for r in rows], "other days")
    expect(all(abs(a - float(r["equity"])) < 0.01 for a, r in zip(facts["panels"][0]["lines"][0][1], rows)), "another account")
    facts, title, caption, _ = page("backtest", "-e", "X:CROSS(C,MA(C,10));", "600001.csv", "--hold", "5")
    lines = {name: values for name, values in facts["panels"][0]["lines"]}
    expect(title.startswith("600001") and "笔交易" in caption and {"收", "资金", "持有"} <= set(lines), f"{title}: {caption}: {set(lines)}")
    expect(len(set(map(len, lines.values())) | {len(facts["panels"][0]["label"])}) == 1, "lines of different lengths")
    facts = page("sweep", "-e", "X:CROSS(C,MA(C,N));", "600001.csv", "600002.csv", "-p", "N=5:20:5", "--after", "5,10", "--least", "1", "--metric", "mean")[0]
    heat = facts["panels"][0]
    expect(heat["label"] == ["5", "10", "15", "20"] and heat["rows"] == ["5", "10"] and len(heat["lines"][0][1]) == 8, f"{heat}")
    expect(heat["names"] == ["N", "持有"], f"{heat['names']}")
    heat = page("sweep", "-e", "X:CROSS(C,MA(C,20));", "600001.csv", "--hold", "5", "--stop", "5%,none", "--metric", "total", "--least", "1")[0]["panels"][0]
    expect(heat["label"] == ["5%", "无"] and heat["rows"] == [""], f"{heat}")


CASES = [hitrates, backtests, trades, sentences, quiet, pages]
