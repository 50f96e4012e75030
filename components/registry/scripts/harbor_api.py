"""Calls of Harbor's API, repeated as long as a Harbor that starts or is overloaded cannot answer."""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request

PAGE_SIZE = 100
# The rest may be unhealthy for reasons of its own, such as a scanner that still downloads its database.
NEEDED_COMPONENTS = {"core", "database", "redis"}
TRANSIENT = {429, 500, 502, 503, 504}


class Failure(Exception):
    """Ends the script with a message and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failure(f"Harbor answered {self.status} without valid JSON") from None


class Harbor:
    """Calls of the API with retries. Keeps no cookies: with a session Harbor would ask for a CSRF token."""

    def __init__(self, url, username, password, wait_seconds, pause_seconds):
        self.base = f"{url.rstrip('/')}/api/v2.0"
        login = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {login}", "Accept": "application/json"}
        self.wait_seconds = wait_seconds
        self.pause_seconds = pause_seconds
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def once(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method)
        for name, value in {**self.headers, **(headers or {})}.items():
            request.add_header(name, value)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with self.opener.open(request, timeout=30) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def call(self, method, path, body=None, accept=(200, 201), headers=None):
        """Repeats until Harbor gives an answer that counts. Returns it if its status is one of `accept`."""
        for last in self.tries():
            try:
                answer = self.once(method, path, body, headers)
            except OSError as error:
                if last:
                    raise Failure(f"{method} {path}: no answer from Harbor: {reason(error)}", 4) from None
                continue
            if answer.status in accept:
                return answer
            if answer.status == 401:
                raise Failure(
                    "Harbor does not accept the administrator's password. It takes one from here at its very first "
                    "start only: if somebody changed it in the portal, set platform:harbor.administratorPassword to it.",
                    3,
                )
            if answer.status not in TRANSIENT or last:
                raise Failure(f"{method} {path}: Harbor answered {answer.status}: {message_of(answer)}")
        raise AssertionError("the last try returns or raises")

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
            pause = min(pause * 2, 15)

    def wait_until_healthy(self):
        told = None
        for last in self.tries():
            state = self.health()
            if state is None:
                return
            if state != told:
                log(f"waiting for Harbor: {state}")
                told = state
            if last:
                raise Failure(f"Harbor did not come up in {self.wait_seconds:g} seconds: {state}", 4)

    def health(self):
        """None when Harbor can work, otherwise what it lacks. The status of this call is always 200."""
        try:
            answer = self.once("GET", "/health")
        except OSError as error:
            return f"no answer: {reason(error)}"
        if answer.status != 200:
            return f"answer {answer.status}"
        found = {each.get("name"): each.get("status") for each in answer.json().get("components") or []}
        bad = sorted(name for name in NEEDED_COMPONENTS if found.get(name) != "healthy")
        if bad:
            return f"not healthy: {', '.join(bad)}"
        others = sorted(name for name, status in found.items() if status != "healthy")
        if others:
            log(f"goes on although not healthy: {', '.join(others)}")
        return None

    def pages(self, path, query):
        """All entries of a list."""
        page = 1
        while True:
            parameters = urllib.parse.urlencode({**query, "page": page, "page_size": PAGE_SIZE})
            entries = self.call("GET", f"{path}?{parameters}").json() or []
            yield from entries
            if len(entries) < PAGE_SIZE:
                return
            page += 1


def log(line):
    print(line, flush=True)


def reason(error):
    return getattr(error, "reason", None) or error


def message_of(answer):
    """Harbor's own words, which never hold a secret."""
    try:
        errors = json.loads(answer.body).get("errors") or []
        return "; ".join(f"{each.get('code')}: {each.get('message')}" for each in errors) or "no reason given"
    except (ValueError, AttributeError):
        return "no reason given"
