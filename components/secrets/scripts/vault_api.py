"""Calls of Vault's API: one node at a time, as long as Vault is sealed, and the active node afterwards."""

import time

from http_api import NO_ANSWER, Failure, log, opener, reason, send

# 412 and 472 to 473 are said by nodes that are not the active one (any more); the rest by one that is busy.
TRANSIENT = {412, 429, 472, 473, 500, 502, 503, 504}
# What Vault says with 400 while it gets a new secrets engine ready.
PREPARING = "Upgrading from non-versioned to versioned data"


class Patience:
    """How long things may take, and how often they are tried."""

    def __init__(self, wait_seconds, pause_seconds):
        self.wait_seconds = wait_seconds
        self.pause_seconds = pause_seconds

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
            pause = min(pause * 2, 10)


class Node:
    """One node of Vault, sealed or not. Nothing here needs a token."""

    def __init__(self, url, authority_file=None):
        self.url = url.rstrip("/")
        self._opener = opener(authority_file)

    def once(self, method, path, body=None, token=None, timeout=30):
        headers = {"Accept": "application/json", **({} if token is None else {"X-Vault-Token": token})}
        return send(self._opener, method, f"{self.url}/v1/{path}", body, headers, timeout)

    def seal_status(self):
        """None when the node does not answer."""
        try:
            answer = self.once("GET", "sys/seal-status")
            return answer.json() if answer.status == 200 else None
        except (*NO_ANSWER, Failure):
            return None

    def is_active(self):
        try:
            return self.once("GET", "sys/health").status == 200
        except NO_ANSWER:
            return False

    def unseal(self, keys):
        """Gives the keys one after the other until the node is open. Returns whether it is."""
        for key in keys:
            answer = self.once("PUT", "sys/unseal", {"key": key})
            if answer.status != 200:
                # Keys of another Vault, or a node that has not found the others yet; both show in what Vault says.
                log(f"{self.url}: stays sealed: {errors_of(answer)}")
                return False
            if not answer.json()["sealed"]:
                return True
        return False


class Vault:
    """The active node, with a token. Every call is repeated until an answer comes that counts."""

    def __init__(self, node, token, patience):
        self._node = node
        self._token = token
        self._patience = patience

    def call(self, method, path, body=None, accept=(200, 204)):
        for last in self._patience.tries():
            try:
                answer = self._node.once(method, path, body, self._token)
            except NO_ANSWER as error:
                if last:
                    raise Failure(f"{method} {path}: no answer from Vault: {reason(error)}", 4) from None
                continue
            if answer.status in accept:
                return answer
            message = errors_of(answer)
            transient = answer.status in TRANSIENT or PREPARING in message
            if last or not transient:
                raise Failure(f"{method} {path}: Vault answered {answer.status}: {message}")
        raise AssertionError("the last try returns or raises")

    def read(self, path):
        """The data at a path, or None where there is nothing."""
        answer = self.call("GET", path, accept=(200, 404))
        return answer.json()["data"] if answer.status == 200 else None


def errors_of(answer):
    """Vault's own words, which never hold a key or a token."""
    try:
        return "; ".join(str(each).strip() for each in answer.json().get("errors") or []) or "no reason given"
    except (Failure, AttributeError):
        return "no reason given"
