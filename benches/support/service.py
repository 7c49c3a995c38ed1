"""A server on a database of its own, filled with synthetic people: for measuring it over HTTP."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from service import one_time_code  # noqa: E402

COHORT = "bench"
EMAIL, PASSWORD = "bench@contoh.example", "lampu hijau di tepi sawah"


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def built(program):
    """The program given, or else a release build made now."""
    if program is None:
        subprocess.run([os.environ.get("CARGO", "cargo"), "build", "--release", "--locked", "--bin", "coachnet"],
                       cwd=ROOT, check=True)
        program = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "coachnet"
    return program.resolve()


class Program:
    """The program on a database of its own: a SQLite file, or the one with a URL."""

    def __init__(self, path, folder, url=None):
        self.path = path
        self.folder = folder
        self.database = folder / "bench.sqlite3"
        self.env = dict(os.environ, COACHNET__DATABASE__URL=url or f"sqlite:{self.database}",
                        COACHNET__SECRETS__FILE=str(folder / "bench.keys"), COACHNET__LOG__LEVEL="warn",
                        COACHNET__ACCOUNTS__ACCESS_MINUTES="60", COACHNET__JOBS__ENABLED="false",
                        COACHNET__LIMITS__ACCOUNT_CHANGES_PER_MINUTE="1000000",
                        COACHNET__LIMITS__ADDRESS_CHANGES_PER_MINUTE="1000000",
                        COACHNET__LIMITS__CHOICES_PER_DAY="1000000")

    def run(self, *arguments, said=""):
        note("$ coachnet", *arguments)
        command = [self.path, *map(str, arguments)]
        return subprocess.run(command, env=self.env, check=True, text=True, input=said, stdout=subprocess.PIPE).stdout

    def fill(self, coaches, coachees):
        """Invents people, imports them, and makes an admin; gives the secret of the admin's authenticator."""
        secret = self.folder / "secret"
        if secret.exists():
            return secret.read_text()
        cohort = self.folder / "cohort"
        self.run("synthesize", "--coachees", coachees, "--coaches", coaches, "--seed", 7, "--out", cohort)
        self.run("migrate")
        for table in ["agencies", "coaches", "coachees", "assessments", "requirements"]:
            of_cohort = ["--cohort", COHORT] if table == "coachees" else []
            self.run("import", table, cohort / f"{table}.csv", *of_cohort)
        found = self.make_admin(EMAIL)
        secret.write_text(found)
        return found

    def make_admin(self, email):
        """Makes a national admin; gives the secret of the authenticator."""
        admin = ["--email", email, "--name", "Admin Contoh", "--password-stdin"]
        said = self.run("admin", "create", *admin, said=PASSWORD + "\n")
        address = re.search(r"otpauth://\S+", said)[0]
        return urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["secret"][0]

    @contextlib.contextmanager
    def serve(self):
        """Serves until the block ends; gives the port."""
        command = [self.path, "serve", "--port", "0"]
        with subprocess.Popen(command, env=self.env, text=True, stderr=subprocess.PIPE) as server:
            try:
                for line in server.stderr:
                    if found := re.search(r"serving on http://127\.0\.0\.1:(\d+)", line):
                        yield int(found[1])
                        break
                    note(line.rstrip())
            finally:
                server.send_signal(signal.SIGTERM)


def sign_in(port, email, secret):
    """An access token."""
    def post(path, body):
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        server.request("POST", f"/api/v1{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = server.getresponse()
        return answer.status, json.loads(answer.read())

    status, said = post("/sign_ins", {"email": email, "password": PASSWORD, "device": "bench"})
    if status == 202:
        ticket = said["ticket"]
        status, said = post("/sign_ins/code", {"ticket": ticket, "code": one_time_code(secret)})
        if status == 401:
            # A code is good once: the run before has used it.
            time.sleep(30 - time.time() % 30)
            status, said = post("/sign_ins/code", {"ticket": ticket, "code": one_time_code(secret)})
    if status != 201:
        sys.exit(f"cannot sign in: {status} {said}")
    return said["access_token"]
