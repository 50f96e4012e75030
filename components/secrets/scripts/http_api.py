"""Calls of an HTTP API that speaks JSON, with the certificates of one authority and never through a proxy."""

import http.client
import json
import ssl
import urllib.error
import urllib.request

# Refusals, broken connections, and answers that end half way: each is worth another try.
NO_ANSWER = (OSError, http.client.HTTPException)


class Failure(Exception):
    """Ends the script with a message and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    def json(self):
        """The content; empty where there is none."""
        try:
            return json.loads(self.body) if self.body else {}
        except ValueError:
            raise Failure(f"an answer {self.status} without valid JSON") from None


def opener(authority_file):
    handlers = [urllib.request.ProxyHandler({})]
    if authority_file is not None:
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority_file)))
    return urllib.request.build_opener(*handlers)


def send(with_opener, method, url, body=None, headers=None, timeout=30):
    """One try. Refusals are answers too; raises one of NO_ANSWER when nothing came back."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with with_opener.open(request, timeout=timeout) as reply:
            return Answer(reply.status, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read())


def reason(error):
    return getattr(error, "reason", None) or error


def log(line):
    print(line, flush=True)
