"""A folder with quotes and a job, for the cases of run-job."""
import csv, json, os, shutil, subprocess
import harness
from harness import Fail

SAMPLE = os.path.join(harness.ROOT, "data", "sample")
JOB = """[job]
name = night
data = {data}
{more}
[formula pit]
formula = golden-pit
signal = 黄金坑
within = 3
[formula up]
formula = up.tdx
col = C/REF(C,20) as R20
[output hits.csv]
[output hits.blk]
formulas = pit
"""


def expect(is_so, what):
    if not is_so:
        raise Fail(what)


class Night(harness.Folder):
    def __init__(self, goldpit):
        super().__init__(goldpit, "night-")
        shutil.copytree(SAMPLE, self.path("d"))
        with open(self.path("up.tdx"), "w") as f:
            f.write("XG:C>MA(C,20);\n")

    def job(self, data="d", more="", tail="", text=None):
        with open(self.path("n.ini"), "w") as f:
            f.write(text if text is not None else JOB.format(data=data, more=more) + tail)

    def shim(self, name, text):
        """A library with functions of libc that a run can be given."""
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", self.path(name + ".so")], input=text.encode(), check=True)

    def run(self, *words, status=0, before=None, preload=None, cwd=None, env=None):
        env = {**harness.environment(self.dir), **(env or {})}
        if preload:  # the runtime of ASan wants to come first
            env.update(LD_PRELOAD=self.path(preload + ".so"), ASAN_OPTIONS=env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
        done = subprocess.run([self.goldpit, *(words or ("run", "n.ini"))], cwd=cwd or self.dir, capture_output=True, timeout=120, preexec_fn=before, env=env)
        dead = harness.crashed(done.returncode, done.stderr)
        err = done.stderr.decode()
        if dead:
            raise Fail(dead)
        if status is not None and done.returncode != status:
            raise Fail(f"exit {done.returncode}, not {status}: {err[-400:]}")
        return err

    def report(self):
        return json.load(open(self.path("night.json"), encoding="utf-8"))

    def hits(self):
        return list(csv.DictReader(open(self.path("hits.csv"), encoding="utf-8")))

    def shorten(self, by, folder="d"):
        """The files as they were `by` days ago."""
        os.makedirs(self.path(folder), exist_ok=True)
        for f in os.listdir(SAMPLE):
            if f.endswith(".csv"):
                lines = open(os.path.join(SAMPLE, f)).read().splitlines()
                open(os.path.join(self.path(folder), f), "w").write("\n".join(lines[:len(lines) - by]) + "\n")

    def leftovers(self):
        """Files beside those of the job, and folders of pictures."""
        os.makedirs(self.path("tmp"), exist_ok=True)
        return [f for f in os.listdir(self.dir) if f.startswith(".")] + os.listdir(self.path("tmp"))

    def start(self, *words, gnuplot=None):
        """A run that goes on by itself; its pictures are made in tmp."""
        os.makedirs(self.path("tmp"), exist_ok=True)
        return subprocess.Popen([self.goldpit, *(words or ("run", "n.ini"))], cwd=self.dir, stderr=subprocess.DEVNULL,
                                env={**harness.environment(self.dir), "TMPDIR": self.path("tmp"), **({"GOLDPIT_GNUPLOT": gnuplot} if gnuplot else {})})
