"""Calls of SonarQube's web API, repeated as long as a server that starts or is overloaded cannot answer."""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request

TRANSIENT = {429, 500, 502, 503, 504}
LONGEST_PAUSE_SECONDS = 15


class Failure(Exception):
    """Ends the script with a message and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class SonarQube:
    """The web API. Each call names the login that it is made with: user name and password, or None."""

    def __init__(self, url, wait_seconds, pause_seconds):
        self.url = url.rstrip("/")
        self.wait_seconds = wait_seconds
        self.pause_seconds = pause_seconds
        # A Service of the cluster is never reached through a proxy.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path, login, /, **parameters):
        _, body = self.call("GET", path, login, parameters)
        return parsed(body)

    def post(self, path, login, /, **parameters):
        """What the server answers, or None when that is nothing."""
        _, body = self.call("POST", path, login, parameters)
        return parsed(body) if body else None

    def accepts(self, login):
        """Whether this is a login that the server knows."""
        return self.get("/api/authentication/validate", login).get("valid") is True

    def call(self, method, path, login, parameters):
        """Repeats until the server gives an answer that counts."""
        for last in self.tries():
            try:
                status, body = self.once(method, path, login, parameters)
            except OSError as error:
                if last:
                    raise Failure(f"{method} {path}: no answer from SonarQube: {reason(error)}", 4) from None
                continue
            if 200 <= status < 300:
                return status, body
            if status not in TRANSIENT or last:
                raise Failure(f"{method} {path}: SonarQube answered {status}: {words_of(body)}")
        raise AssertionError("the last try returns or raises")

    def once(self, method, path, login, parameters):
        query = urllib.parse.urlencode(parameters)
        url = self.url + path + (f"?{query}" if method == "GET" and query else "")
        request = urllib.request.Request(url, data=query.encode() if method == "POST" else None, method=method)
        if login is not None:
            encoded = base64.b64encode(":".join(login).encode()).decode()
            request.add_header("Authorization", f"Basic {encoded}")
        try:
            with self.opener.open(request, timeout=60) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def tries(self):
        """Pauses between tries; yields whether the time is up."""
        deadline = time.monotonic() + self.wait_seconds
        pause = self.pause_seconds
        while True:
            last = time.monotonic() + pause >= deadline
            yield last
            if last:
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def wait_until_up(self):
        told = None
        for last in self.tries():
            state = self.state()
            if state is None:
                return
            if state != told:
                print(f"waiting for SonarQube: {state}", flush=True)
                told = state
            if last:
                raise Failure(f"SonarQube did not come up in {self.wait_seconds:g} seconds: {state}", 4)

    def state(self):
        """None when it is up, otherwise what it does. The answer is 200 whatever it does."""
        try:
            status, body = self.once("GET", "/api/system/status", None, {})
        except OSError as error:
            return f"no answer: {reason(error)}"
        if status != 200:
            return f"it answers {status}"
        try:
            state = json.loads(body).get("status")
        except (ValueError, AttributeError):
            return "it answers without valid JSON"
        return None if state == "UP" else f"its status is {state}"


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        raise Failure("SonarQube answered without valid JSON") from None


def reason(error):
    return getattr(error, "reason", None) or error


def words_of(body):
    """The server's own words about an error, which never hold a secret."""
    try:
        words = json.loads(body)
        return "; ".join(each["msg"] for each in words["errors"]) if "errors" in words else words["result"]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
