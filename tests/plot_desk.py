"""Where a case of run-plot works: a folder of its own, goldpit, and what its pictures are made of."""
import csv, os, shutil, subprocess
import harness
from harness import Fail
from picture import Png, expect, panes

SAMPLE = os.path.join(harness.ROOT, "data", "sample")


def near(rgb, slack):
    """A test of pixels: within slack of a colour in each part."""
    return lambda r, g, b: abs(r - rgb[0]) <= slack and abs(g - rgb[1]) <= slack and abs(b - rgb[2]) <= slack


GOLD = (255, 204, 0)  # COLOR00CCFF of the golden pit
# rising, falling and background of a theme
COLOURS = {"tdx": ((255, 50, 50), (84, 252, 252), (0, 0, 0)), "light": ((217, 49, 42), (20, 133, 92), (255, 255, 255)),
           "dark": ((246, 70, 93), (46, 189, 133), (22, 26, 34))}


class Desk(harness.Folder):
    def __init__(self, goldpit):
        super().__init__(goldpit, "pictures-")

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def run(self, *words, status=0, env=None, before=None):
        done = subprocess.run([self.goldpit, *words], cwd=self.dir, capture_output=True, timeout=120, preexec_fn=before,
                              env={**harness.environment(self.dir), **(env or {})})
        dead = harness.crashed(done.returncode, done.stderr)
        err = done.stderr.decode("utf-8", "replace")
        if dead:
            raise Fail(f"{' '.join(words)}: {dead}")
        if done.returncode != status:
            raise Fail(f"{' '.join(words)}: exit {done.returncode}, not {status}: {err[-300:]}")
        return done.stdout, err

    def plot(self, *words, **how):
        return self.run("plot", *words, "--quiet", **how)

    def png(self, *words):
        return Png(self.plot(*words, "--format", "png", "-o", "-")[0])

    def drawn(self, *words):
        """The picture and where its panes put bars and values."""
        script = self.plot(*words, "--script-only")[0].decode()
        return self.png(*words), panes(script)

    def table(self, *words):
        """Rows of eval, each a dictionary."""
        out = self.run("eval", *words, "--format", "csv", "--quiet")[0].decode()
        return list(csv.DictReader(out.splitlines()))

    def left(self, *kept):
        """Files that nobody asked for."""
        return sorted(set(os.listdir(self.dir)) - set(kept))

    def bars(self, rows, name="600000.csv"):
        lines = ["date,open,high,low,close,volume"] + [f"{d},{','.join(str(x) for x in r)}" for d, r in zip(harness.weekdays(len(rows)), rows)]
        return self.write(name, "\n".join(lines) + "\n")
