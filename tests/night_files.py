"""Cases of run-job: what a job names, and the files it writes.  Nothing that is read is ever overwritten, and all files are written or none."""
import json, os, shutil
from harness import ROOT
from night import SAMPLE, expect


def tree(n):
    """Every file with its bytes, but the job and its lock."""
    return {os.path.join(at, f): open(os.path.join(at, f), "rb").read() for at, _, files in os.walk(n.dir) for f in files if f not in ("n.ini", "night.json.lock")}


def refused(n, part, status=2, **job):
    """The run and its check say the same and change nothing."""
    n.job(**job)
    before = tree(n)
    for words in (("run", "n.ini"), ("run", "--check", "n.ini")):
        err = n.run(*words, status=status)
        expect(part in err, f"{words} said nothing of '{part}': {err}")
        expect(tree(n) == before, f"'{part}': files were changed by {words}")


def nothing_read_is_overwritten(n):
    shutil.copytree(n.path("d"), n.path("e"))
    os.symlink("d", n.path("other"))
    os.symlink("d/600001.csv", n.path("link.csv"))
    os.makedirs(n.path("s/state"))
    open(n.path("s/data.mdb"), "w").write("a store")
    shutil.copy(n.path("d/600001.csv"), n.path("index.csv"))
    open(n.path("n.log"), "w").write("before\n")
    out = "[output {}]\nformat = csv\n".format
    for part, job in (
            ("n.ini:4: json = 'd/600001.csv' would overwrite one of the quotes of data = 'd'", {"more": "json = d/600001.csv"}),
            ("n.ini:4: log = 'd/600001.csv' would overwrite", {"more": "log = d/600001.csv"}),
            ("n.ini:15: [output] 'd/600001.csv' would overwrite", {"tail": out("d/600001.csv")}),
            ("n.ini:15: [output] './other/600001.csv' would overwrite", {"tail": out("./other/600001.csv")}),
            ("[output] 'link.csv' would overwrite data = 'd/600001.csv'", {"tail": out("link.csv")}),
            ("[output] 'd/new.csv' would be read as quotes the next time", {"tail": out("d/new.csv")}),
            ("[output] 'e/600001.csv' would overwrite data = 'e/600001.csv'", {"data": "e/600001.csv", "tail": out("e/600001.csv")}),
            ("[output] 's/data.mdb' is inside the store", {"tail": out("s/data.mdb")}),
            ("[output] 's/state/x.csv' is inside the store", {"tail": out("s/state/x.csv")}),
            ("json = 's/x.json' is inside the store", {"more": "json = s/x.json"}),
            ("[output] 'n.ini' would overwrite the job itself, 'n.ini'", {"tail": out("n.ini")}),
            ("[output] 'up.tdx' would overwrite formula = 'up.tdx'", {"tail": out("up.tdx")}),
            ("[output] 'index.csv' would overwrite index = 'index.csv'", {"tail": "[data]\nindex = index.csv\n" + out("index.csv")}),
            ("[output] 'n.log' is the same file as log = 'n.log'", {"more": "log = n.log", "tail": out("n.log")}),
            ("[output] './night.json' is the same file as json = 'night.json'", {"tail": out("./night.json")}),
            ("[output] 'night.json.lock' is the same file as the lock of json, 'night.json.lock'", {"tail": out("night.json.lock")}),
            ("[output] './hits.csv' is the same file as [output] 'hits.csv'", {"tail": out("./hits.csv")})):
        refused(n, part, **job)
    n.job()
    n.run()
    before = tree(n)
    for path, part in (("n.ini", "would overwrite"), ("night.json", "would overwrite json ="), ("s/data.mdb", "inside the store"), ("d/600001.csv", "would overwrite")):
        expect(part in n.run("report", "n.ini", "-o", path, status=2) and tree(n) == before, f"report -o {path}")


def all_or_none(n):
    """What cannot be put in its place is found before anything is."""
    n.job()
    n.shorten(5)
    n.run()
    n.shorten(0)
    os.makedirs(n.path("d2"))
    out = "[output {}]\nformat = csv\n".format
    refused(n, "n.ini:15: [output] 'd2' is a folder", 4, tail=out("d2"))
    refused(n, "json = 'd2' is a folder", 4, more="json = d2")
    refused(n, "[output] '/dev/null' is no file but a device or a pipe", 4, tail=out("/dev/null"))
    refused(n, "[output] 'no/such/x.csv': there is no folder 'no/such'", 4, tail=out("no/such/x.csv"))
    refused(n, "json = 'no/such/x.json': there is no folder 'no/such'", 4, more="json = no/such/x.json")
    refused(n, "[output hits-%X.csv]: %X means nothing", tail=out("hits-%X.csv"))
    os.makedirs(n.path("hits-20250124.csv"))  # a name that is known only when the data have been read
    n.job(tail=out("hits-%Y%m%d.csv"))
    before = tree(n)
    expect("'hits-20250124.csv' is a folder" in n.run(status=4) and tree(n) == before, "a dated name that is a folder")
    n.job(tail=out("x-%Y.csv") + out("x-2025.csv"))
    expect("'x-2025.csv' is the same file as" in n.run(status=4) and tree(n) == before, "two names of one date")
    if os.geteuid() != 0:
        os.makedirs(n.path("closed"), 0o555)
        refused(n, "nothing can be written in the folder 'closed'", 4, tail=out("closed/x.csv"))


def makes_a_folder(n):
    """The last folder of a path is made, for every file of the job."""
    n.job(more="json = a/n.json\nlog = b/n.log", tail="[output c-%Y/hits.csv]\n")
    n.run("run", "--check", "n.ini")
    expect(not os.path.exists(n.path("a")), "a check made a folder")
    n.run()
    for name in ("a/n.json", "b/n.log", "c-2025/hits.csv"):
        expect(os.path.getsize(n.path(name)) > 0, f"there is no {name}")


def since_must_be_there(n):
    n.job(more="since = typo.json", tail="[hook]\non-change = touch told\n")
    before = tree(n)
    for words in (("run", "n.ini"), ("run", "--check", "n.ini")):
        expect("n.ini:4: since = typo.json: No such file" in n.run(*words, status=4), "a report that is not there")
    n.job(tail="[hook]\non-change = touch told\n")
    open(n.path("half.json"), "w").write("{ half")
    json.dump({"version": 7, "job": "night", "formulas": []}, open(n.path("newer.json"), "w"))
    for name, part in (("typo.json", "No such file"), ("half.json", "no report of a run: line 1"), ("newer.json", "a report of version 7")):
        expect(part in n.run("run", "n.ini", "--since", name, status=4), f"--since {name}")
        expect(part in n.run("report", "n.ini", "--since", name, status=4), f"report --since {name}")
    shutil.rmtree(n.path("d"))  # an error comes before the data are read
    expect(not set(tree(n)) - set(before) - {n.path("half.json"), n.path("newer.json")}, "files were written")
    shutil.copytree(SAMPLE, n.path("d"))
    shutil.copy(n.path("newer.json"), n.path("night.json"))
    n.job(more="log = n.log")
    expect("a report of version 7" in n.run("run", "n.ini") and "version 7" in open(n.path("n.log")).read(), "a report of another version was used silently")


def checked_before(n):
    """run --check finds what [data] and [universe] name and is not there, with its line."""
    n.job(data="nowhere", tail="[universe]\nexclude = foo\ncode = [\nuniverse = nolist\namong = FOO>\nblocks = noblocks\n"
                               "[data]\nprofile = nope\nevents = noevents\nindex = noindex\nseries = noseries\nfundamentals = nofigures\n")
    err = n.run("run", "--check", "n.ini", status=4)
    for line, key in ((3, "data"), (16, "exclude"), (17, "code"), (18, "universe"), (19, "among"), (20, "blocks"), (22, "profile"), (23, "events"), (24, "index"), (25, "series"),
                      (26, "fundamentals")):
        expect(f"n.ini:{line}: {key} = " in err, f"nothing said of {key}: {err}")
    expect("ok" not in err, err)
    n.job(tail="[universe]\nexclude = foo\n")
    expect("n.ini:16: exclude = foo cannot be used" in n.run(status=2), "a run does not say the line")
    n.job(data="nowhere")
    expect("n.ini:3: data = nowhere" in n.run(status=4), "a run does not say the line of data")
    os.makedirs(n.path("formats"))
    n.job(tail="[data]\nprofile = formats/own.ini\n")
    open(n.path("formats/own.ini"), "w").write(open(os.path.join(ROOT, "profiles", sorted(os.listdir(os.path.join(ROOT, "profiles")))[0])).read())
    n.run("run", "--check", "n.ini")
    os.makedirs(n.path("elsewhere"))
    n.run("run", "--check", n.path("n.ini"), cwd=n.path("elsewhere"))


def editors_of_windows(n):
    """A mark before the text, both ends of lines, GBK, UTF-16."""
    n.job()
    text = open(n.path("n.ini"), encoding="utf-8").read()
    n.run()
    want = open(n.path("hits.csv")).read().replace("entered", "stayed")
    for data in (b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), text.replace("\n", "\r\n").encode("gbk"), b"\xff\xfe" + text.encode("utf-16-le")):
        open(n.path("n.ini"), "wb").write(data)
        n.run()
        expect(open(n.path("hits.csv")).read() == want, f"another result from {data[:20]}")
    n.job(tail="[formula long]\nformula = up.tdx\nwhere = " + "C>0 AND " * 300 + "C>1\ncol = " + "字" * 90 + "\nnonsense = 1\n")
    err = n.run(status=2)
    expect(err.count("too long") == 2 and "n.ini:17: the line is too long: a line has at most 198 bytes" in err and "n.ini:18:" in err and "n.ini:19: there is no key" in err
           and len(err.splitlines()) == 3, err)


def options_instead_of_keys(n):
    for name in ("bad", "worse"):
        open(n.path(f"d/{name}.csv"), "w").write("nothing\n")
    n.job(more="max-errors = 1")
    n.run(status=7)
    n.run("run", "n.ini", "--max-errors", "2", status=1)
    n.job()
    n.run("run", "n.ini", "--max-errors", "0", status=7)
    expect("whole number" in n.run("run", "n.ini", "--timeout", "soon", status=2), "a word for a number")
    os.mkfifo(n.path("slow.csv"))
    n.job(data="slow.csv")
    expect("time of the job is over" in n.run("run", "n.ini", "--timeout", "1", status=7), "--timeout was not heeded")
    n.job(more="")
    text = open(n.path("n.ini")).read().replace("name = night", "name = ../../evil")
    n.job(text=text)
    expect("n.ini:2: name = ../../evil: a name has no '/'" in n.run(status=2), "a name that is a path")


CASES = [nothing_read_is_overwritten, all_or_none, makes_a_folder, since_must_be_there, checked_before, editors_of_windows, options_instead_of_keys]
NEED_STORE = set()
