"""Keeps the token of the default service account out of the pods of one namespace.

Kubernetes makes that account by itself, some moments after the namespace, so it can only be changed afterwards.

Environment: NAMESPACE, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, ACCOUNT_DIRECTORY (with `token` and `ca.crt`).
Exit codes: 0 done, 1 the API server did not answer as expected within the time, 2 it refuses.
"""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE_SECONDS = 300
PAUSE_SECONDS = 1
REFUSALS = (401, 403, 422)


def main() -> int:
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    namespace = os.environ["NAMESPACE"]
    directory = Path(os.environ["ACCOUNT_DIRECTORY"])
    address = f"https://{f'[{host}]' if ':' in host else host}:{port}"
    request = urllib.request.Request(
        f"{address}/api/v1/namespaces/{namespace}/serviceaccounts/default?fieldManager=openhands-sandbox-account",
        method="PATCH",
        data=json.dumps({"automountServiceAccountToken": False}).encode(),
        headers={
            "authorization": f"Bearer {(directory / 'token').read_text().strip()}",
            "content-type": "application/merge-patch+json",
        },
    )
    context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        problem = attempt(request, context)
        if problem is None:
            print(f"The default account of {namespace} gives no token to pods.")
            return 0
        status, text = problem
        if status in REFUSALS:
            print(f"The API server refuses to change the default account of {namespace}: {text}", file=sys.stderr)
            return 2
        if time.monotonic() > end:
            print(f"The default account of {namespace} could not be changed: {text}", file=sys.stderr)
            return 1
        time.sleep(PAUSE_SECONDS)


def attempt(request, context):
    """None when it worked, otherwise the status (None without an answer) and what went wrong."""
    try:
        with urllib.request.urlopen(request, timeout=10, context=context):
            return None
    except urllib.error.HTTPError as error:
        return error.code, f"{error.code} {error.reason}"
    except OSError as error:
        return None, str(error)


if __name__ == "__main__":
    sys.exit(main())
