"""Cases of run-job: how runs end.  Killed, ended by a signal or by the clock, a run leaves whole files and nothing besides; so does the next one."""
import os, random, shutil, signal, time
from harness import Skip
from night import expect

RESULTS = ("hits.csv", "hits.blk")


def results(n):
    """What each file says, whatever was said of the run before."""
    return {f: open(n.path(f), "rb").read().replace(b",entered,", b",stayed,") for f in RESULTS}


def killed(n):
    """Ended at random points, a run leaves in every place the file of one run, whole, and the next one sweeps up."""
    n.job()
    whole = []
    for by in (5, 0):
        n.shorten(by)
        n.run()
        whole.append(results(n))
    expect(whole[0] != whole[1], "the two runs are alike")
    luck = random.Random(11)
    began = time.time()
    n.run()
    usual = time.time() - began
    for k in range(15):  # the last one: all days
        n.shorten(5 if k % 2 else 0)
        child = n.start()
        time.sleep(luck.uniform(0, 1.1 * usual))
        child.send_signal(signal.SIGKILL)
        child.wait()
        n.report()
        got = results(n)
        for f in RESULTS:
            expect(got[f] in (whole[0][f], whole[1][f]), f"{f} is of neither run")
    open(n.path(".hits.csv.999999999"), "w").write("of a run that was killed")
    open(n.path(".night.json.999999998"), "w").write("of a run that was killed")
    for name in (".hits.csv.more", ".hits.csv.", ".mine.csv.999999999", f".hits.blk.{os.getpid()}"):
        open(n.path(name), "w").write("of somebody else")
    n.run()
    expect(sorted(n.leftovers()) == sorted([".hits.csv.more", ".hits.csv.", ".mine.csv.999999999", f".hits.blk.{os.getpid()}"]), f"left behind: {n.leftovers()}")
    expect(results(n) == whole[1], "the last run is of other data")


def dated_leftovers(n):
    """A name with a date: what was left on another day is swept up, too."""
    n.job(tail="[output x-%Y%m%d.csv]\n")
    open(n.path(".x-20240102.csv.999999999"), "w").write("x")
    open(n.path(".x-2024010.csv.999999999"), "w").write("x")
    n.run()
    expect(n.leftovers() == [".x-2024010.csv.999999999"], f"left behind: {n.leftovers()}")


def drawing(n, ended_by):
    """A run that is ended while it draws."""
    child = n.start()
    until = time.time() + 60
    while time.time() < until and child.poll() is None:
        folders = [f for f in os.listdir(n.path("tmp")) if os.listdir(n.path("tmp/" + f))]
        if folders and any(f.startswith(".hits") for f in os.listdir(n.dir)):
            break
        time.sleep(0.005)
    expect(child.poll() is None, "it ended before it drew")
    child.send_signal(ended_by)
    expect(child.wait(timeout=30) == -ended_by, f"signal {ended_by} was swallowed")


def signals(n):
    """SIGTERM and SIGINT leave nothing; what SIGKILL left is swept up by the next one that draws."""
    if not shutil.which("gnuplot"):
        raise Skip("there is no gnuplot")
    n.job(tail="[output hits.html]\n")
    n.leftovers()
    for ended_by in (signal.SIGTERM, signal.SIGINT):
        drawing(n, ended_by)
        expect(not n.leftovers(), f"after signal {ended_by}: {n.leftovers()}")
    drawing(n, signal.SIGKILL)
    time.sleep(0.3)  # gnuplot finds out
    left = [f for f in n.leftovers() if f.startswith("goldpit-")]
    expect(left and len(n.leftovers()) > len(left), "nothing was left to be swept up")
    os.makedirs(n.path("tmp/goldpit-young1"))
    for f in left:
        os.utime(n.path("tmp/" + f), (1, 1))
    n.job(tail="[output hits.html]\nformulas = one\n[formula one]\nformula = up.tdx\ntop = 1\n")
    expect(n.start().wait(timeout=60) == 0, "the next run failed")
    expect(n.leftovers() == ["goldpit-young1"], f"left behind: {n.leftovers()}")


def time_is_over_while_drawing(n):
    if not shutil.which("gnuplot"):
        raise Skip("there is no gnuplot")
    open(n.path("slow"), "w").write("#!/bin/sh\nexec sleep 77\n")
    os.chmod(n.path("slow"), 0o755)
    n.job(more="timeout = 1", tail="[output hits.html]\n")
    n.leftovers()
    done = n.start(gnuplot=n.path("slow"))
    expect(done.wait(timeout=30) == 7 and not n.leftovers() and not os.path.exists(n.path("hits.csv")), f"left behind: {n.leftovers()}")
    expect(not sleeps(n), "gnuplot is left")


def sleeps(n):
    """Processes that run in the folder of the job and go on doing so."""
    until = time.time() + 2
    while running(n) and time.time() < until:
        time.sleep(0.02)
    return running(n)


def running(n):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(n.dir):
                found.append(open(f"/proc/{pid}/cmdline").read().replace("\0", " "))
        except OSError:
            pass
    return found


def hook_with_children(n):
    """The time of a hook ends all that it started."""
    n.job(tail="[hook]\non-change = sh -c \"sleep 77; echo late > late.txt\"\ntimeout = 1\n")
    began = time.time()
    expect("stage=hook killed=9 after=1s" in n.run() and time.time() - began < 15, "the hook was not ended")
    expect(not sleeps(n), f"left: {sleeps(n)}")
    n.job(tail="[hook]\non-change = sh -c \"sleep 77 & exit 0\"\ntimeout = 1\n")
    os.remove(n.path("night.json"))
    expect("stage=hook killed" in n.run() and not sleeps(n), f"left: {sleeps(n)}")
    n.job(tail="[hook]\non-change = sh -c \"sleep 77\"\ntimeout = 60\n")
    os.remove(n.path("night.json"))
    child = n.start()
    until = time.time() + 20
    while not any("sleep" in s for s in running(n)) and time.time() < until:
        time.sleep(0.01)
    child.send_signal(signal.SIGTERM)
    child.wait(timeout=20)
    expect(not sleeps(n), f"left after a signal: {sleeps(n)}")


CASES = [killed, dated_leftovers, signals, time_is_over_while_drawing, hook_with_children]
NEED_STORE = set()
