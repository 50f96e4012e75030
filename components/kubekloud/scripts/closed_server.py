"""Serves the application, but keeps its user administration closed, which asks for no login.

Here, because only this process sees the path that the application goes by, whatever others make of unusual spellings,
and because it does not take an ingress controller of a certain kind. The first argument is the port; further ones are
paths that somebody else guards. `kubectl port-forward` connects from within the pod and may use everything. It runs in
the image of the application.
"""

import json
import sys

import uvicorn

from main import app as application

ADMINISTRATION = "/api/v1/users"
GUARDED_ELSEWHERE = sys.argv[2:]


def is_closed(scope):
    # The application takes a line feed at the end for nothing.
    if scope["type"] != "http" or scope["path"].rstrip("/\n") != ADMINISTRATION:
        return False
    return scope["path"] not in GUARDED_ELSEWHERE and not comes_from_within(scope)


def comes_from_within(scope):
    client = scope.get("client")
    # What a proxy passes on may claim to come from anywhere.
    forwarded = any(name.lower() == b"x-forwarded-for" for name, _ in scope["headers"])
    return not forwarded and client is not None and client[0] in ("127.0.0.1", "::1")


async def closed_application(scope, receive, send):
    if not is_closed(scope):
        await application(scope, receive, send)
        return
    body = json.dumps({"detail": "The user administration is closed here."}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


uvicorn.run(closed_application, host="0.0.0.0", port=int(sys.argv[1]))
