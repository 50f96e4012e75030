"""The few calls of the Kubernetes API that the bootstrap of Vault needs, with the pod's own service account."""

import base64
import binascii
import json
import os

from http_api import NO_ANSWER, Failure, opener, reason, send

KEYS_ENTRY = "keys.json"
PENDING_ENTRY = "initialising"


class Kubernetes:
    def __init__(self, url, account_directory, patience):
        self._url = url.rstrip("/")
        self._account_directory = account_directory
        self._patience = patience
        self._opener = opener(os.path.join(account_directory, "ca.crt") if url.startswith("https:") else None)

    def call(self, method, path, body=None, content_type="application/json"):
        """Repeats until the API server gives an answer that counts; a refusal counts."""
        for last in self._patience.tries():
            try:
                answer = self._once(method, path, body, content_type)
            except NO_ANSWER as error:
                if last:
                    raise Failure(f"{method} {path}: no answer from Kubernetes: {reason(error)}", 4) from None
                continue
            if answer.status in (200, 201):
                return answer.json()
            if last or answer.status not in (429, 500, 502, 503, 504):
                raise Failure(f"{method} {path}: Kubernetes answered {answer.status}: {message_of(answer)}", 3)
        raise AssertionError("the last try returns or raises")

    def _once(self, method, path, body, content_type):
        # The kubelet renews the token, so it is read each time.
        with open(os.path.join(self._account_directory, "token"), encoding="ascii") as token:
            headers = {"Authorization": f"Bearer {token.read().strip()}", "Accept": "application/json"}
        return send(self._opener, method, self._url + path, body, {**headers, "Content-Type": content_type})


class KeysSecret:
    """The Secret with Vault's keys. The program makes it; what is in it belongs to this script alone."""

    def __init__(self, kubernetes, namespace, name):
        self._kubernetes = kubernetes
        self.path = f"/api/v1/namespaces/{namespace}/secrets/{name}"

    def read(self):
        """The keys, or None where there are none; and whether an earlier run was about to initialise Vault."""
        data = self._kubernetes.call("GET", self.path).get("data") or {}
        return keys_of(decoded(data.get(KEYS_ENTRY))), PENDING_ENTRY in data

    def announce(self):
        """Proves that the Secret can be written, before there is anything that must not get lost."""
        self._patch({PENDING_ENTRY: encoded("Keys follow when Vault has made them.")})

    def store(self, kind, keys):
        self._patch({KEYS_ENTRY: encoded(json.dumps({"kind": kind, "keys": keys})), PENDING_ENTRY: None})

    def _patch(self, data):
        query = "?fieldManager=vault-bootstrap"
        self._kubernetes.call("PATCH", self.path + query, {"data": data}, "application/merge-patch+json")


class HostAccount:
    """The service account that the portal works with on the cluster that the platform runs on."""

    def __init__(self, kubernetes, namespace, name):
        self._kubernetes = kubernetes
        self._path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}"

    def uid(self):
        return self._kubernetes.call("GET", self._path)["metadata"]["uid"]

    def token(self, seconds):
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        return self._kubernetes.call("POST", f"{self._path}/token", request)["status"]["token"]


def keys_of(text):
    """The keys in the entry's JSON, or None where that holds none."""
    if not text:
        return None
    try:
        keys = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError):
        raise Failure(f"the entry {KEYS_ENTRY} of the keys Secret is damaged: restore it from your copy", 3) from None
    return keys or None


def claims_of(token):
    """What a token says about itself; nothing where it is no token of Kubernetes."""
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(text):
    return None if text is None else base64.b64decode(text).decode()


def message_of(answer):
    try:
        return answer.json().get("message") or "no reason given"
    except (Failure, AttributeError):
        return "no reason given"
