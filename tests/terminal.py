#!/usr/bin/env python3
r"""Types at a program in a terminal, as a person would, and looks at what comes back.

    terminal.py COMMAND... < SCRIPT

Lines of the script:
    @ pattern  how a prompt looks (a regular expression)
    $ text     waits for a prompt and types the text; \t \r \e \xNN stand for keys
    > text     types at once
    < pattern  waits until the pattern (a regular expression) appears in what was printed since the last match
    ! pattern  waits for the prompt; the pattern must not have appeared between the last match and that prompt
    ~ pattern  the bytes as they came, escape sequences and all, must never have held the pattern
    = status   waits for the end; the exit status must be this
Escape sequences of the terminal are taken out before matching.  Prints nothing and ends with 0 when all of it holds."""
import fcntl, os, pty, re, select, struct, subprocess, sys, termios, time

LIMIT = 30  # seconds for one expectation: a sanitised binary on a busy machine


def keys(text):
    text = text.replace(r"\t", "\t").replace(r"\r", "\r").replace(r"\e", "\033")
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text).encode()


def plain(data):
    text = data.decode("utf-8", "replace")
    return re.sub(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][AB0]|[=>])", "", text)


class Terminal:
    def __init__(self, command):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        env = dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8", NO_COLOR="1")
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.data, self.seen = b"", 0
        self.asked = False  # a prompt was waited for and not answered yet

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.master, 65536)
        except OSError:  # the other side is closed
            return False
        self.data += got
        return bool(got)

    def fresh(self):
        return plain(self.data)[self.seen:]

    def wait(self, pattern):
        end = time.time() + LIMIT
        while True:
            found = re.search(pattern, self.fresh(), re.M)
            if found:
                self.seen += found.end()
                return
            if time.time() > end or (not self.read(0.2) and self.process.poll() is not None and not self.read(0)):
                self.fail(f"no {pattern!r}")

    def refuse(self, pattern, prompt):
        seen = self.seen
        self.wait(prompt)
        if re.search(pattern, plain(self.data)[seen:self.seen], re.M):
            self.fail(f"unwanted {pattern!r}")
        self.asked = True

    def never(self, pattern):
        if re.search(pattern.encode(), self.data):
            self.fail(f"unwanted bytes {pattern!r} in {self.data!r}")

    def type(self, data):
        while data:  # a terminal takes 4096 bytes at a time
            n = os.write(self.master, data[:1024])
            data = data[n:]
            self.read(0.05)

    def ended(self, status):
        end = time.time() + LIMIT
        while self.process.poll() is None and time.time() < end:
            self.read(0.2)
        if self.process.poll() != status:
            self.fail(f"ended with {self.process.poll()}, not {status}")

    def fail(self, why):
        if self.process.poll() is None:
            self.process.kill()
        sys.exit(f"terminal: {why}; the screen since the last match:\n{self.fresh()}")


def main():
    terminal = Terminal(sys.argv[1:])
    prompt = None
    for line in sys.stdin:
        sign, text = line[:1], line.rstrip("\n")[2:]
        if sign == "@":
            prompt = text + "$"
        elif sign == "$":
            if not terminal.asked:
                terminal.wait(prompt)
            terminal.asked = False
            terminal.type(keys(text))
        elif sign == ">":
            terminal.type(keys(text))
        elif sign == "<":
            terminal.wait(text)
        elif sign == "!":
            terminal.refuse(text, prompt)
        elif sign == "~":
            terminal.never(text)
        elif sign == "=":
            terminal.ended(int(text))
    if terminal.process.poll() is None:
        terminal.process.kill()


if __name__ == "__main__":
    main()
