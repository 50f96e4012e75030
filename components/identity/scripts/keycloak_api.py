"""Calls of Keycloak's admin API. Waits for a Keycloak that is not there yet; logs in again when its token has expired."""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request

# What a Keycloak answers that starts, stops or has lost its database for a moment.
TRANSIENT = {429, 500, 502, 503, 504}
LONGEST_PAUSE_SECONDS = 15


class Failure(Exception):
    """Ends the script with a message and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class Keycloak:
    """The admin API as the administrator of the realm `master` sees it."""

    def __init__(self, url, username, password, wait_seconds, pause_seconds):
        self.url = url.rstrip("/")
        client = [("grant_type", "password"), ("client_id", "admin-cli")]
        self.login = [*client, ("username", username), ("password", password)]
        self.wait_seconds = wait_seconds
        self.pause_seconds = pause_seconds
        self.token = None
        # A Service of the cluster is never reached through a proxy.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path, missing=None):
        """What the path shows, or `missing` when there is no such thing."""
        status, body = self.call("GET", path, accept=(200, 404))
        return json.loads(body) if status == 200 else missing

    def create(self, path, body):
        """Whether it was created. False: it is there, perhaps by a run whose answer was lost."""
        return self.call("POST", path, body, accept=(201, 204, 409))[0] != 409

    def replace(self, path, body=None):
        self.call("PUT", path, body, accept=(200, 204))

    def delete(self, path):
        self.call("DELETE", path, accept=(204, 404))

    def call(self, method, path, body=None, accept=(200,)):
        renewed = False
        while True:
            if self.token is None:
                self.token = self.log_in()
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            status, answer = self.patiently(method, f"/admin/realms{path}", data, headers)
            if status in accept:
                return status, answer
            if status != 401 or renewed:
                raise Failure(f"{method} {path or '/'}: Keycloak answered {status}: {words_of(answer)}")
            self.token = None
            renewed = True

    def log_in(self):
        form = urllib.parse.urlencode(self.login).encode()
        path = "/realms/master/protocol/openid-connect/token"
        status, answer = self.patiently("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        if status == 200:
            return json.loads(answer)["access_token"]
        if status in (400, 401):
            raise Failure(
                f"Keycloak refuses the administrator's login ({words_of(answer)}). It takes the password from here at "
                "its very first start only: if somebody changed it, set platform:keycloak.administratorPassword to it.",
                3,
            )
        raise Failure(f"the login failed: Keycloak answered {status}: {words_of(answer)}")

    def patiently(self, method, path, data, headers):
        """Repeats until Keycloak gives an answer that counts."""
        deadline = time.monotonic() + self.wait_seconds
        pause = self.pause_seconds
        told = None
        while True:
            try:
                status, answer = self.once(method, path, data, headers)
                if status not in TRANSIENT:
                    return status, answer
                state = f"it answers {status}: {words_of(answer)}"
            except (OSError, http.client.HTTPException) as error:
                state = f"no answer: {getattr(error, 'reason', None) or error}"
            if time.monotonic() + pause > deadline:
                raise Failure(f"Keycloak could not be used within {self.wait_seconds:g} seconds: {state}", 4)
            if state != told:
                print(f"waiting for Keycloak: {state}", flush=True)
                told = state
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def once(self, method, path, data, headers):
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


def words_of(answer):
    """Keycloak's own words about an error; they never hold a secret."""
    try:
        words = json.loads(answer)
        return words.get("error_description") or words.get("errorMessage") or words.get("error") or "no reason given"
    except (ValueError, AttributeError):
        return "no reason given"
