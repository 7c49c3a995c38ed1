"""What the recipes share: a demo of the service in a temporary folder, and people who use it by the ways people take."""

import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PASSWORD = "lampu hijau di tepi sawah"


def built(program):
    """The program that is named, or the one that cargo builds."""
    if not program:
        subprocess.run([os.environ.get("CARGO", "cargo"), "build", "--quiet"], check=True, cwd=ROOT)
    return (program or TARGET / "debug" / "coachnet").resolve()


def one_time_code(secret):
    """RFC 6238 with SHA-1, six digits, half a minute."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1)
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Service:
    """A demo in a folder of its own, and those who use it."""

    def __init__(self, program, folder, database=None, **settings):
        self.program, self.folder = program, folder
        self.database = folder / "demo.sqlite3"
        self.environment = os.environ | {
            "COACHNET__DATABASE__URL": database or f"sqlite:{self.database}",
            "COACHNET__SECRETS__FILE": f"{folder}/keys",
            "COACHNET__SERVER__PORT": "0",
            "COACHNET__DEMO__COACHEES": "150",
            "COACHNET__DEMO__COACHES": "40",
            # Recipes do in a minute what people do in a day.
            "COACHNET__LIMITS__ACCOUNT_CHANGES_PER_MINUTE": "1000000",
            "COACHNET__LIMITS__ADDRESS_CHANGES_PER_MINUTE": "1000000",
            "COACHNET__LIMITS__QUESTIONS_PER_DAY": "1000000",
            "COACHNET__LIMITS__CHOICES_PER_DAY": "1000000",
        } | {f"COACHNET__{name}": value for name, value in settings.items()}
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen([program, "demo"], cwd=folder, env=self.environment, text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := re.search(r"serving on (http://\S+), the run on \S+/runs/(\S+)", line):
                self.url, self.run = found[1], found[2]
                break
        else:
            sys.exit("the demo did not start: " + (folder / "log").read_text()[-2000:])
        self.guests = dict(re.findall(r"(\S+@demo\.test) (\S+)", "".join(said)))
        # Who has a second factor: a code that is still good.
        self.codes = {}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def ask(self, method, path, body=None, token=None):
        """What the API answers; the recipe ends where it refuses."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read().decode()
                is_json = "json" in (answer.headers["Content-Type"] or "")
                return json.loads(text) if text and is_json else text
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    def get(self, path, token=None):
        return self.ask("GET", f"/api/v1{path}", token=token)

    def post(self, path, body, token=None):
        return self.ask("POST", f"/api/v1{path}", body, token)

    def sign_in(self, address, password=None, code=None):
        """A token of the API."""
        password = password or self.guests[address]
        answer = self.post("/sign_ins", {"email": address, "password": password, "device": "recipe"})
        if code:
            answer = self.post("/sign_ins/code", {"ticket": answer["ticket"], "code": code})
        return answer["access_token"]

    def national_admin(self):
        address = "admin@contoh.test"
        made = subprocess.run([self.program, "admin", "create", "--email", address, "--name", "Ibu Admin",
                               "--password-stdin"],
                              env=self.environment, cwd=self.folder, input=f"{PASSWORD}\n", text=True,
                              capture_output=True)
        if made.returncode != 0:
            sys.exit(f"admin create: {made.stderr}")
        codes = re.findall(r"\b[0-9a-z]{4}(?:-[0-9a-z]{4}){3}\b", made.stdout)
        self.codes[address] = codes[1:]
        return self.sign_in(address, PASSWORD, codes[0])

    def invited(self, admin, role, **about):
        """Somebody who was invited and has opened the mail; who sees much uses an authenticator."""
        address = about.pop("email", f"{role.replace('_', '-')}@contoh.test")
        wish = {"email": address, "name": role, "language": "id", "role": role} | about
        self.post("/invitations", wish, admin)
        self.post("/invitations/accept", {"token": self.secret_in_mail(address), "password": PASSWORD})
        first = self.sign_in(address, PASSWORD)
        if role in ("coachee", "coach"):
            return first
        secret = self.post("/me/totp", {"password": PASSWORD}, first)["secret"]
        codes = self.post("/me/totp/confirm", {"code": one_time_code(secret)}, first)["recovery_codes"]
        self.codes[address] = codes[1:]
        return self.sign_in(address, PASSWORD, codes[0])

    @contextlib.contextmanager
    def worker(self):
        """Another process that does what is due."""
        environment = self.environment | {"COACHNET__SERVER__PUBLIC_URL": self.url}
        process = subprocess.Popen([self.program, "work"], cwd=self.folder, env=environment, stderr=self.log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    def mails_to(self, address):
        """The texts of the mails to an address, the oldest first."""
        for file in sorted(self.folder.glob("*mail/*.eml")):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if address in mail["To"]:
                yield mail.get_body(("plain",)).get_content()

    def link_in_mail(self, address, path):
        """The first link to a path in a mail to an address, once it has come: what stands after the path."""
        for _ in range(100):
            for text in self.mails_to(address):
                if found := re.search(rf"https?://[^/\s]+{re.escape(path)}([A-Za-z0-9_.-]+)", text):
                    return found[1]
            time.sleep(0.1)
        sys.exit(f"no mail to {address} with a link to {path} came")

    def secret_in_mail(self, address):
        return self.link_in_mail(address, "/invitations/")
