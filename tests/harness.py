"""What the harnesses share: a tally that prints failures and ends with one line `N passed, N failed, N skipped`."""
import concurrent.futures, os, shutil, subprocess, sys, tempfile, datetime

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
# A sanitised binary must speak up and fail loudly; nothing of the caller's settings may change results.
KEEP = ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "GOLDPIT_ISA")


class Skip(Exception):
    """Raised by a case that cannot run here; the text says why."""


class Fail(Exception):
    """Raised by a case that does not hold; the text says what differs."""


class Folder:
    """A program and a folder of its own to run it in; the folder goes when the case is over."""

    def __init__(self, goldpit, prefix):
        self.goldpit, self.dir = goldpit, tempfile.mkdtemp(prefix=prefix)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)


def environment(home):
    env = {k: os.environ[k] for k in KEEP if k in os.environ}
    env.update(HOME=home, LC_ALL="C.UTF-8", TERM="dumb", ROOT=ROOT, SHARED=SHARED)
    return env


def goldpit_path(argument):
    path = os.path.abspath(argument)
    if not os.access(path, os.X_OK):
        sys.exit(f"{sys.argv[0]}: no executable {argument}")
    return path


def run(command, cwd=None, stdin=b"", timeout=120, env=None):
    """(status, stdout, stderr), bytes; status 124 when it took too long, -N when signal N ended it."""
    try:
        done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=timeout,
                              env=env or environment(tempfile.gettempdir()))
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        return 124, late.stdout or b"", late.stderr or b""


def crashed(status, err):
    """A line when a process died of a signal or a sanitizer spoke, else None."""
    text = err.decode("utf-8", "replace")
    for mark in ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:"):
        if mark in text:
            return next(line for line in text.splitlines() if mark in line)
    if status < 0:
        return f"ended by signal {-status}"
    if status == 124:
        return "no answer in time"
    return None


def run_all(title, cases, verbose=False, counted=(0, 0, 0), jobs=0):
    """cases: (name, callable).  Runs them on all cores (or as many at once as jobs says), prints what failed or was
    skipped in the order given, then the tally, to which counted (passed, failed, skipped elsewhere) is added.  Returns
    the exit status."""
    passed, failed, skipped = counted
    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count() or 2) as pool:
        running = [(name, pool.submit(case)) for name, case in cases]
        for name, job in running:
            try:
                job.result()
                passed += 1
                if verbose:
                    print(f"ok   {title} {name}")
            except Skip as why:
                skipped += 1
                print(f"skip {title} {name}: {why}")
            except Fail as why:
                failed += 1
                print(f"FAIL {title} {name}: {why}")
            except Exception as why:  # a broken case is a failed case
                failed += 1
                print(f"FAIL {title} {name}: {type(why).__name__}: {why}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


def weekdays(n, start=datetime.date(2024, 1, 1)):
    day, out = start, []
    while len(out) < n:
        if day.weekday() < 5:
            out.append(day.strftime("%Y-%m-%d"))
        day += datetime.timedelta(1)
    return out


def quotes_csv(columns, dates=None):
    """CSV text of the given columns (name -> list of field texts, '-' for null)."""
    n = max(len(v) for v in columns.values())
    rows = [",".join(["date", *columns])]
    for i, date in enumerate(dates or weekdays(n)):
        rows.append(",".join([date, *("" if v[i] == "-" else v[i] for v in columns.values())]))
    return "\n".join(rows) + "\n"


def same(got, want, tolerance=1e-6):
    """Fields of CSV output against expected text ('-' null, '?' anything)."""
    if want == "?":
        return True
    if want == "-" or got == "":
        return want == "-" and got == ""
    g, w = float(got), float(want)
    return abs(g - w) <= tolerance * max(1.0, abs(w))


def compare(name, got, want, tolerance=1e-6):
    if len(got) != len(want):
        raise Fail(f"{name}: {len(got)} bars, expected {len(want)}")
    for i, (g, w) in enumerate(zip(got, want)):
        if not same(g, w, tolerance):
            raise Fail(f"{name} bar {i}: got {g or 'null'}, expected {'null' if w == '-' else w}"
                       f"\n     got      {' '.join(x or '-' for x in got)}\n     expected {' '.join(want)}")
