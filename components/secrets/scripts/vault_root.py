"""Opens Vault: initialises it once, unseals its nodes, and gets a root token that nobody stores."""

import base64

from http_api import NO_ANSWER, Failure, log, reason
from vault_api import errors_of


def open_vault(nodes, seal, secret, patience):
    """Returns the active node, the keys, and a root token where this run initialised Vault."""
    statuses = wait_for_nodes(nodes, patience)
    keys, pending = secret.read()
    root = None
    if any(status["initialized"] for status in statuses.values()):
        if keys is None:
            raise lost_keys(secret, pending)
    else:
        if len(statuses) < len(nodes):
            raise Failure(
                f"only {len(statuses)} of {len(nodes)} nodes answer, none of them initialised; the others may hold "
                "data, so nothing is initialised before all answer",
                4,
            )
        if keys is not None:
            raise Failure(
                f"Vault is empty, but {secret.path} holds the keys of an earlier one. Bring its volumes back or restore "
                "a snapshot; to begin anew, remove all entries from that Secret",
                3,
            )
        keys, root = initialise(nodes[0], seal, secret)
    active = open_nodes(nodes, keys if seal["type"] == "shamir" else None, patience)
    return active, keys, root


def lost_keys(secret, pending):
    cause = (
        "An earlier run ended between the initialisation and the storing of the keys, so this Vault holds nothing yet: "
        "delete the volumes of its pods and the pods"
        if pending
        else "Put the entry back from your copy; without the keys nothing in this Vault can ever be read again"
    )
    return Failure(f"Vault is initialised, but {secret.path} holds no keys. {cause}", 3)


def wait_for_nodes(nodes, patience):
    """The seal status of each node that answers: of all of them, or of those that do when the time is up."""
    statuses = {}
    told = None
    for last in patience.tries():
        found = {node: node.seal_status() for node in nodes}
        statuses = {node: status for node, status in found.items() if status is not None}
        if len(statuses) == len(nodes) or any(status["initialized"] for status in statuses.values()):
            return statuses
        silent = ", ".join(node.url for node in nodes if node not in statuses)
        if silent != told:
            log(f"waiting for {silent}")
            told = silent
        if last and not statuses:
            raise Failure(f"no node of Vault answered in {patience.wait_seconds:g} seconds", 4)
    return statuses


def initialise(node, seal, secret):
    """Makes the keys and stores them. Nothing happens to Vault unless the Secret can be written."""
    secret.announce()
    kind = "unseal" if seal["type"] == "shamir" else "recovery"
    prefix = "secret" if kind == "unseal" else "recovery"
    numbers = {f"{prefix}_shares": seal["shares"], f"{prefix}_threshold": seal["threshold"]}
    try:
        # Longer than any disk takes: Vault would go on without us, and its keys would be lost.
        answer = node.once("PUT", "sys/init", numbers, timeout=300)
    except NO_ANSWER as error:
        raise Failure(f"no answer to the initialisation: {reason(error)}", 4) from None
    if answer.status != 200:
        raise Failure(f"Vault refused to be initialised: {errors_of(answer)}")
    made = answer.json()
    keys = made["keys_base64"] if kind == "unseal" else made["recovery_keys_base64"]
    secret.store(kind, keys)
    log(f"Vault initialised; {seal['threshold']} of {len(keys)} {kind} keys are needed, all are in {secret.path}")
    return keys, made["root_token"]


def open_nodes(nodes, keys, patience):
    """Unseals what is sealed and returns the active node. Nodes that stay away do not matter once there is one."""
    opened = set()
    for last in patience.tries():
        for node in nodes:
            status = node.seal_status()
            if status is None or not status["sealed"] or node in opened or keys is None:
                continue
            if attempt_unseal(node, keys):
                log(f"{node.url}: unsealed")
                opened.add(node)
        active = next((node for node in nodes if node.is_active()), None)
        # Nobody waits for a node that is silent: the container beside it opens it when it comes back.
        statuses = {node: node.seal_status() for node in nodes}
        sealed = [node for node, status in statuses.items() if status is not None and status["sealed"]]
        if active is not None and (last or not sealed):
            for node in [node for node in nodes if node in sealed or statuses[node] is None]:
                log(f"goes on although {node.url} is sealed or does not answer")
            return active
        if last:
            raise Failure(f"no node of Vault became active in {patience.wait_seconds:g} seconds", 4)
    raise AssertionError("the last try returns or raises")


def attempt_unseal(node, keys):
    try:
        return node.unseal(keys)
    except NO_ANSWER as error:
        log(f"{node.url}: {reason(error)}")
        return False


def generate_root(node, keys):
    """A root token for this run, made from the keys. Vault gives it encrypted with a pad that it told before."""
    # An attempt that an interrupted run has left open would count keys for a token that nobody can read.
    expect(node.once("DELETE", "sys/generate-root/attempt"), "cancel an earlier attempt")
    attempt = expect(node.once("PUT", "sys/generate-root/attempt", {}), "begin").json()
    state = {"complete": False}
    for key in keys:
        body = {"key": key, "nonce": attempt["nonce"]}
        state = expect(node.once("PUT", "sys/generate-root/update", body), "take a key").json()
        if state["complete"]:
            break
    if not state["complete"]:
        raise Failure("the keys in the Secret are too few for a root token", 3)
    coded = state["encoded_token"]
    token = base64.b64decode(coded + "=" * (-len(coded) % 4))
    return bytes(left ^ right for left, right in zip(token, attempt["otp"].encode())).decode()


def expect(answer, what):
    if answer.status not in (200, 204):
        # Another try helps unless the keys are wrong: the node may be sealed again, or no longer be the active one.
        code = 3 if answer.status == 400 else 1
        raise Failure(f"Vault did not {what} for a root token: {errors_of(answer)}", code)
    return answer
