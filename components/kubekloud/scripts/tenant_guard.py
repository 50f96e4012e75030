"""Gives every tenant namespace its Pod Security level, quota, limits and network isolation.

The application makes tenant namespaces while it runs, so they cannot be part of the program that installs the
platform. This process watches for them and applies the objects of a policy file to each, again and again: what
somebody changes or deletes comes back within a minute or so. It uses the standard library only.
"""

import http.client
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

POLICY_FILE = os.environ.get("POLICY_FILE", "/etc/tenant-guard/policy.json")
ACCOUNT_DIRECTORY = os.environ.get("ACCOUNT_DIRECTORY", "/var/run/secrets/kubernetes.io/serviceaccount")
# Touched whenever the loop goes round; the liveness probe looks at its age.
HEARTBEAT_FILE = os.environ.get("HEARTBEAT_FILE", "/tmp/heartbeat")
WATCH_SECONDS = 60
PAUSE_AFTER_FAILURE_SECONDS = 5

# Refusals, broken connections, and answers that end half way: each is tried again.
FAILURES = (OSError, http.client.HTTPException, ValueError)


class Kubernetes:
    """The API server, with the credentials that every pod with a service account finds in its file system."""

    def __init__(self, account_directory):
        host = os.environ["KUBERNETES_SERVICE_HOST"]
        port = os.environ["KUBERNETES_SERVICE_PORT"]
        self._server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        self._account_directory = account_directory
        self._tls = ssl.create_default_context(cafile=os.path.join(account_directory, "ca.crt"))

    def open(self, method, path, query=None, body=None, content_type=None):
        # The kubelet renews the token, so it is read each time.
        with open(os.path.join(self._account_directory, "token"), encoding="ascii") as token:
            headers = {"Authorization": f"Bearer {token.read().strip()}", "Accept": "application/json"}
        if content_type is not None:
            headers["Content-Type"] = content_type
        url = self._server + path + ("" if query is None else "?" + urllib.parse.urlencode(query))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        return urllib.request.urlopen(request, timeout=WATCH_SECONDS + 30, context=self._tls)

    def get(self, path, query):
        with self.open("GET", path, query) as response:
            return json.load(response)

    def apply(self, path, manifest, field_manager):
        query = {"fieldManager": field_manager, "force": "true"}
        with self.open("PATCH", path, query, manifest, "application/apply-patch+yaml"):
            pass


def protect(kubernetes, policy, namespace):
    """Applies the policy to one namespace; the API server changes nothing where everything is as it should be."""
    name = namespace["metadata"]["name"]
    if not name.endswith(policy["suffix"]) or "deletionTimestamp" in namespace["metadata"]:
        return
    labels = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": policy["namespaceLabels"]}}
    kubernetes.apply(f"/api/v1/namespaces/{name}", labels, policy["fieldManager"])
    for entry in policy["objects"]:
        kubernetes.apply(entry["path"].replace("{namespace}", name), entry["object"], policy["fieldManager"])


def attempt(kubernetes, policy, namespace, protected):
    """Protects a namespace and tells what is new; one that fails does not keep the others waiting."""
    name = namespace["metadata"]["name"]
    try:
        protect(kubernetes, policy, namespace)
    except FAILURES as error:
        protected.discard(name)
        report(f"{name}: not protected yet: {reason(error)}")
        return False
    if name not in protected:
        protected.add(name)
        report(f"{name}: protected")
    return True


def round_trip(kubernetes, policy, protected):
    """All tenant namespaces once, and then each that changes, for a minute. Returns whether all went well."""
    selector = {"labelSelector": policy["labelSelector"]}
    listed = kubernetes.get("/api/v1/namespaces", selector)
    beat()
    done = [attempt(kubernetes, policy, namespace, protected) for namespace in listed["items"]]
    protected &= {namespace["metadata"]["name"] for namespace in listed["items"]}
    if not all(done):
        return False
    watch = {
        **selector,
        "watch": "true",
        "resourceVersion": listed["metadata"]["resourceVersion"],
        "timeoutSeconds": str(WATCH_SECONDS),
    }
    with kubernetes.open("GET", "/api/v1/namespaces", watch) as events:
        for line in events:
            event = json.loads(line)
            if event["type"] == "ERROR":
                return True  # the watch has become too old; the next round lists again
            if event["type"] in ("ADDED", "MODIFIED") and not attempt(kubernetes, policy, event["object"], protected):
                return False
            beat()
    return True


def reason(error):
    if isinstance(error, urllib.error.HTTPError):
        try:
            return f"{error.code} {json.load(error).get('message', error.reason)}"
        except ValueError:
            return f"{error.code} {error.reason}"
    return str(error)


def beat():
    with open(HEARTBEAT_FILE, "w", encoding="ascii"):
        os.utime(HEARTBEAT_FILE)


def report(message):
    print(message, flush=True)


def main():
    with open(POLICY_FILE, encoding="utf-8") as file:
        policy = json.load(file)
    kubernetes = Kubernetes(ACCOUNT_DIRECTORY)
    protected = set()
    report("watching for tenant namespaces")
    while True:
        try:
            good = round_trip(kubernetes, policy, protected)
        except FAILURES as error:
            report(f"cannot talk to the API server: {reason(error)}")
            good = False
        if not good:
            time.sleep(PAUSE_AFTER_FAILURE_SECONDS)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
