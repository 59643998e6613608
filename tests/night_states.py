"""Cases of run-job over a store: jobs that share states, clocks that go wrong, a disk that is full, the timer of the manual."""
import csv, os, re, shutil, subprocess, time
import harness
from harness import ROOT, Skip
from night import JOB, SAMPLE, expect

CLOCK = """#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
time_t time(time_t *t) { const char *z = getenv("NIGHT_CLOCK"); time_t now = z ? atol(z) : 0; if (t) *t = now; return now; }
"""


def rows(n, name="hits.csv"):
    return [{k: v for k, v in r.items() if k != "status"} for r in csv.DictReader(open(n.path(name), encoding="utf-8"))]


def shared_states(n):
    """Jobs with one formula and other securities keep each other's states; what was revised meanwhile is computed again."""
    text = JOB.format(data="s", more="") .replace("hits.", "{0}.").replace("name = night", "name = {0}") + "[universe]\n{1}\n"
    for name, universe in (("one", "code = 600001"), ("most", "exclude = main")):
        open(n.path(name + ".ini"), "w").write(text.format(name, universe))
    n.shorten(3)
    n.run("data", "import", "d", "--store", "s", "-q")
    most = int(re.search(r"full=(\d+)", n.run("run", "most.ini")).group(1))
    expect(most > 5 and f"full=1 kept={most + 1}" in n.run("run", "one.ini"), "the first job's states are gone")
    n.shorten(0)
    n.run("data", "import", "d", "--store", "s", "-q")
    expect(f"resumed={most} full=0 kept={most + 1}" in n.run("run", "most.ini"), "the second job destroyed the first one's states")
    expect(f"resumed=1 full=0 kept={most + 1}" in n.run("run", "one.ini"), "the first job destroyed the second one's states")
    lines = open(n.path("d/600001.csv")).read().splitlines()
    cells = lines[200].split(",")
    cells[4] = "9.99"
    lines[200] = ",".join(cells)
    open(n.path("d/600001.csv"), "w").write("\n".join(lines) + "\n")
    n.run("data", "import", "d", "--store", "s", "-q")
    expect(f"resumed={most} full=0 kept={most + 1}" in n.run("run", "most.ini"), "a state that was carried on")
    expect("resumed=0 full=1" in n.run("run", "one.ini"), "a state that does not fit any more was used")
    got = rows(n, "one.csv"), rows(n, "most.csv")
    for name in ("0123456789abcdef", "0123456789abcdef.tmp", "0123456789abcdee", "notes"):
        open(n.path("s/state/" + name), "w").write("x")
        if not name.endswith("e"):
            os.utime(n.path("s/state/" + name), (time.time() - 101 * 86400,) * 2)
    n.run("run", "one.ini")
    expect(sorted(f for f in os.listdir(n.path("s/state")) if len(f) != 16 or f.startswith("01234")) == ["0123456789abcdee", "notes"], "old states")
    shutil.rmtree(n.path("s/state"))
    n.run("run", "one.ini"), n.run("run", "most.ini")
    expect(got == (rows(n, "one.csv"), rows(n, "most.csv")), "other hits than from the first bar")


def why_from_the_first_bar(n):
    """A formula that cannot go on from a state is named, with the reason."""
    shutil.copy(n.path("d/600001.csv"), n.path("index.csv"))
    open(n.path("up.tdx"), "w").write("XG:C>MA(C,20) AND INDEXC>0;\n")
    n.run("data", "import", "d", "--store", "s", "-q")
    n.job(data="s", tail="[data]\nindex = index.csv\n")
    for _ in range(2):
        err = n.run()
        expect('stage=state formula="up" note="always computed from the first bar: INDEXC does not come with the quotes"' in err, err)
    expect("resumed=30 full=0" in err and 'formula="pit" note' not in err, err)


def clock_between_runs(n):
    """The clock goes back by days between two runs, and on by years: the hits are those of a run without states under the same clock."""
    if not shutil.which("cc"):
        raise Skip("there is no C compiler")
    n.shim("clock", CLOCK)
    open(n.path("up.tdx"), "w").write("XG:C>MA(C,20);\n")
    n.job(data="s")
    text = open(n.path("n.ini")).read().replace("as R20", "as R20\ncol = MACHINEDATE as DAY\ncol = EMA(C,9)+DAYSTOTODAY as AWAY")
    n.job(text=text)
    for by, clock, day in ((4, 1737600000, 20250123), (3, 1737000000, 20250116), (1, 1737000001, 20250116), (0, 1900000000, 20300317), (0, 1000000, 19700112)):
        n.shorten(by, "now")
        n.run("data", "import", "now", "--store", "s", "-q")
        err = n.run(preload="clock", env={"NIGHT_CLOCK": str(clock)})
        expect('formula="up" note="always computed from the first bar: MACHINEDATE reads the clock"' in err, err)
        expect(("resumed=30" in err) == (clock != 1737600000), f"{clock}: {err}")
        got = rows(n)
        expect(got and {r["DAY"] for r in got if r["formula"] == "up"} == {str(day - 19000000)}, "the clock is not that of the shim")
        os.rename(n.path("s/state"), n.path("state"))
        n.run(preload="clock", env={"NIGHT_CLOCK": str(clock)})
        expect(rows(n) == got, f"{clock}: other hits than from the first bar")
        shutil.rmtree(n.path("s/state"))
        os.rename(n.path("state"), n.path("s/state"))


def no_room(n):
    """A file system that is really full, or nearly: the files of the run before, or all of this one."""
    words = ["unshare", "-rm", "sh", "-euc"]
    if not shutil.which("unshare") or subprocess.run(words + ["mount -t tmpfs -o size=64k none /mnt"], capture_output=True).returncode != 0:
        raise Skip("no mount namespace can be made here")
    n.job(more="json = m/n.json\nlog = n.log\nstate = m/state")
    text = open(n.path("n.ini")).read().replace("[output hits", "[output m/hits")
    n.job(text=text.replace("data = d", "data = s"))
    n.shorten(5)
    n.run("data", "import", "d", "--store", "s", "-q")
    n.shorten(0)
    n.run("data", "import", "d", "--store", "later", "-q")
    os.makedirs(n.path("m"))
    script = """
        mount -t tmpfs -o size=1m none m
        "$G" run n.ini -q
        mkdir before; cp m/*.csv m/*.blk m/*.json before
        rm -r s; cp -r later s
        head -c {free} /dev/zero > m/room
        dd if=/dev/zero of=m/fill bs=4096 2>/dev/null || true
        rm m/room
        status=0; "$G" run n.ini -q 2>said || status=$?
        mkdir after; cp m/*.csv m/*.blk m/*.json after
        ls -A m | grep '^[.]' > left || true
        rm m/fill
        "$G" run n.ini -q
        mkdir last; cp m/*.csv m/*.blk m/*.json last
        exit $status"""
    seen = set()
    for free in (1, 8192, 16384, 32768, 262144):
        for name in ("before", "after", "last"):
            shutil.rmtree(n.path(name), ignore_errors=True)
        if seen:
            shutil.rmtree(n.path("s"))
            n.shorten(5, "old")
            n.run("data", "import", "old", "--store", "s", "-q")
        done = subprocess.run(words + [script.format(free=free)], cwd=n.dir, capture_output=True, timeout=120, env={**harness.environment(n.dir), "G": n.goldpit})
        said, status = open(n.path("said")).read(), done.returncode
        expect(status in (0, 4), f"{free}: status {status}: {done.stderr.decode()[-300:]} {said}")
        seen.add(status)
        one = {name: {f: open(n.path(f"{name}/{f}"), "rb").read() for f in ("hits.csv", "hits.blk", "n.json")} for name in ("before", "after", "last")}
        expect(status == 0 or (one["after"] == one["before"] and "No space left on device" in said), f"{free}: files were changed: {said}")
        rest = lambda name: one[name]["hits.csv"].replace(b",entered,", b",stayed,")
        expect(status == 4 or rest("after") == rest("last"), f"{free}: not the files of this run")
        expect(rest("last") != rest("before") and not open(n.path("left")).read(), f"{free}: left behind: {open(n.path('left')).read()}")
    expect(seen == {0, 4}, f"always the same end: {seen}")


def timer(n):
    """The units of docs/nightly.md are accepted by systemd."""
    if not shutil.which("systemd-analyze"):
        raise Skip("there is no systemd-analyze")
    text = open(os.path.join(ROOT, "docs", "nightly.md"), encoding="utf-8").read()
    units = {name: text.split(f"goldpit.{name}`:\n\n```\n")[1].split("```")[0] for name in ("service", "timer")}

    def verify():
        for name, unit in units.items():
            open(n.path("goldpit." + name), "w").write(unit.replace("/usr/local/bin/goldpit", n.goldpit))
        done = subprocess.run(["systemd-analyze", "verify", "./goldpit.service", "./goldpit.timer"], cwd=n.dir, capture_output=True, text=True)
        return [line for line in done.stderr.splitlines() if "goldpit" in line], done
    units["timer"] = units["timer"].replace("OnCalendar", "OnCalender")
    if not verify()[0]:
        raise Skip("systemd-analyze looks at no units here")
    units["timer"] = units["timer"].replace("OnCalender", "OnCalendar")
    said, done = verify()
    expect(done.returncode == 0 and not said, f"{done.returncode}: {said}")


CASES = [shared_states, why_from_the_first_bar, clock_between_runs, no_room, timer]
NEED_STORE = {shared_states, why_from_the_first_bar, clock_between_runs, no_room}
