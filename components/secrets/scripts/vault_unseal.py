"""Opens the node of Vault in the same pod whenever it is sealed, with the keys from the mounted Secret.

Environment:
  VAULT_URL            base URL of the node
  VAULT_CA_FILE        authority behind its certificate; empty without TLS
  KEYS_FILE            the entry of the keys Secret; missing as long as Vault has not been initialised
  HEARTBEAT_FILE       touched whenever the loop goes round; the probes look at its age
  PAUSE_SECONDS        between two looks; default 5

It runs for ever. It never prints a key.
"""

import os
import signal
import sys
import time

from http_api import NO_ANSWER, Failure, log, reason
from kubernetes_api import keys_of
from vault_api import Node


def mounted_keys(path):
    # Read each time: the kubelet replaces the file when the Secret changes.
    try:
        with open(path, encoding="utf-8") as file:
            return keys_of(file.read())
    except FileNotFoundError:
        return None


def look(node, keys_file):
    """Returns what there is to say, the same text as long as nothing changes."""
    status = node.seal_status()
    if status is None:
        return "the node does not answer"
    if not status["sealed"]:
        return "open"
    keys = mounted_keys(keys_file)
    if keys is None:
        return "sealed, and no keys are there yet"
    return "opened" if node.unseal(keys) else "still sealed"


def main():
    # The first process of a container gets no signal that it does not ask for, and would be waited for at every stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    node = Node(os.environ["VAULT_URL"], os.environ.get("VAULT_CA_FILE") or None)
    heartbeat = os.environ["HEARTBEAT_FILE"]
    pause = float(os.environ.get("PAUSE_SECONDS", "5"))
    told = None
    while True:
        try:
            found = look(node, os.environ["KEYS_FILE"])
        except Failure as failure:
            found = str(failure)
        except NO_ANSWER as error:
            found = f"no answer: {reason(error)}"
        if found != told:
            log(found)
            told = found
        with open(heartbeat, "w", encoding="ascii"):
            pass
        time.sleep(pause)


if __name__ == "__main__":
    try:
        main()
    except KeyError as error:
        print(f"error: missing in the environment: {error}", file=sys.stderr, flush=True)
        sys.exit(2)
