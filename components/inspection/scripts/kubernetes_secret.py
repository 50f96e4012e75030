"""One key of a Secret, read and written with the rights of the pod's service account."""

import base64
import json
import os
import ssl
import urllib.error
import urllib.request

from sonarqube_api import Failure, reason

FIELD_MANAGER = "sonarqube-bootstrap"


class SecretKey:
    """Needs the verbs get and patch on the Secret, which has to exist: what may make it is the program alone."""

    def __init__(self, account_directory, namespace, name, key):
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        self.url = f"{server}/api/v1/namespaces/{namespace}/secrets/{name}"
        self.label = f"Secret {namespace}/{name}"
        self.identity = {"name": name, "namespace": namespace}
        self.key = key
        self.account_directory = account_directory
        tls = ssl.create_default_context(cafile=os.path.join(account_directory, "ca.crt"))
        # The API server is never reached through a proxy.
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )

    def read(self):
        """The value, or None while there is none."""
        encoded = (self.call("GET").get("data") or {}).get(self.key)
        return None if encoded is None else base64.b64decode(encoded).decode()

    def write(self, value):
        """By server-side apply: the key then belongs to this script, and everything else stays the program's."""
        data = {self.key: base64.b64encode(value.encode()).decode()}
        applied = {"apiVersion": "v1", "kind": "Secret", "metadata": self.identity, "data": data}
        self.call("PATCH", f"?fieldManager={FIELD_MANAGER}&force=true", applied)

    def call(self, method, query="", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + query, data=data, method=method)
        # The kubelet renews the token, so it is read each time.
        with open(os.path.join(self.account_directory, "token"), encoding="ascii") as token:
            request.add_header("Authorization", f"Bearer {token.read().strip()}")
        if data is not None:
            request.add_header("Content-Type", "application/apply-patch+yaml")
        try:
            with self.opener.open(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise Failure(f"{method} {self.label}: the API server answered {error.code}", 5) from None
        except OSError as error:
            raise Failure(f"{method} {self.label}: {reason(error)}", 5) from None
