"""Brings Vault to the desired state, from the first start on. Can be run any number of times.

Environment:
  DESIRED_STATE          file with the desired state, JSON
  CREDENTIALS_DIRECTORY  directory with the files `<role>.role-id` and `<role>.secret-id`
  VAULT_CA_FILE          authority behind Vault's certificate; empty without TLS
  KUBERNETES_URL         the API server; default: the one that every pod is told
  ACCOUNT_DIRECTORY      token and authority for it; default: where every pod finds them
  WAIT_SECONDS           how long Vault may take to come up, and a call to succeed; default 600
  RETRY_PAUSE_SECONDS    pause before the first retry, doubled up to 10 seconds; default 1

Exit codes: 0 done, 1 Vault refused or failed, 2 wrong input, 3 something that only people can put right: keys are
missing or wrong, Kubernetes refuses, another kind of engine is in the way; 4 Vault or Kubernetes did not answer.
"""

import json
import os
import signal
import sys

from http_api import NO_ANSWER, Failure, log, reason
from kubernetes_api import HostAccount, KeysSecret, Kubernetes
from vault_api import Node, Patience, Vault
from vault_contents import (
    ensure_audit,
    ensure_engine,
    ensure_host_cluster,
    ensure_method,
    ensure_policy,
    ensure_role,
    remove_others,
)
from vault_root import generate_root, open_vault


def ensure_contents(vault, desired, credentials, account):
    engine, method = desired["engine"], desired["method"]
    ensure_audit(vault, desired["audit"])
    ensure_engine(vault, engine)
    ensure_method(vault, method)
    for role in desired["roles"]:
        name = role["name"]
        ensure_policy(vault, name, role["policy"])
        ensure_role(vault, method, role, credentials[f"{name}.role-id"], credentials[f"{name}.secret-id"])
    remove_others(vault, method, desired["rolePrefix"], {role["name"] for role in desired["roles"]})
    if account is not None:
        ensure_host_cluster(vault, engine, desired["hostCluster"], account)


def read_input():
    try:
        with open(os.environ["DESIRED_STATE"], encoding="utf-8") as file:
            desired = json.load(file)
        names = [f"{role['name']}.{each}" for role in desired["roles"] for each in ("role-id", "secret-id")]
        return desired, {name: read_credential(name) for name in names}
    except KeyError as error:
        raise Failure(f"missing in the environment or in the desired state: {error}", 2) from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read the input: {error}", 2) from None


def read_credential(name):
    with open(os.path.join(os.environ["CREDENTIALS_DIRECTORY"], name), encoding="utf-8") as file:
        return file.read()


def number_of(name, default):
    text = os.environ.get(name, default)
    try:
        return float(text)
    except ValueError:
        raise Failure(f"{name} is no number", 2) from None


def kubernetes_url():
    given = os.environ.get("KUBERNETES_URL")
    if given:
        return given
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise Failure("KUBERNETES_SERVICE_HOST is not set: this is no pod", 2)
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def main():
    desired, credentials = read_input()
    patience = Patience(number_of("WAIT_SECONDS", "600"), number_of("RETRY_PAUSE_SECONDS", "1"))
    authority = os.environ.get("VAULT_CA_FILE") or None
    nodes = [Node(url, authority) for url in desired["nodes"]]
    account_directory = os.environ.get("ACCOUNT_DIRECTORY", "/var/run/secrets/kubernetes.io/serviceaccount")
    kubernetes = Kubernetes(kubernetes_url(), account_directory, patience)
    secret = KeysSecret(kubernetes, **desired["keysSecret"])
    cluster = desired.get("hostCluster")
    account = None if cluster is None else HostAccount(kubernetes, **cluster["account"])

    active, keys, token = open_vault(nodes, desired["seal"], secret, patience)
    try:
        root = token or generate_root(active, keys)
    except NO_ANSWER as error:
        raise Failure(f"no answer while a root token is made: {reason(error)}", 4) from None
    vault = Vault(active, root, patience)
    try:
        ensure_contents(vault, desired, credentials, account)
    finally:
        vault.call("POST", "auth/token/revoke-self")
    log("done")


if __name__ == "__main__":
    # Ends like any other failure, so that the root token is revoked when the pod is deleted half way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        sys.exit(failure.code)
