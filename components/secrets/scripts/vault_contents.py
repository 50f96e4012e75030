"""What is in Vault: engines, policies, roles, and the entry of the cluster that the platform runs on.

Everything is looked at first and written only where it differs, so that a second run changes nothing.
"""

import time

from http_api import Failure, log
from kubernetes_api import claims_of


def ensure_engine(vault, path):
    mounts = vault.read("sys/mounts")
    found = mounts.get(f"{path}/")
    if found is None:
        vault.call("POST", f"sys/mounts/{path}", {"type": "kv", "options": {"version": "2"}})
        log(f"secrets engine {path}/: enabled")
    elif found["type"] != "kv" or (found.get("options") or {}).get("version") != "2":
        raise Failure(f"{path}/ is there, but no key-value engine of version 2", 3)


def ensure_method(vault, path):
    found = vault.read("sys/auth").get(f"{path}/")
    if found is None:
        vault.call("POST", f"sys/auth/{path}", {"type": "approle"})
        log(f"login method {path}/: enabled")
    elif found["type"] != "approle":
        raise Failure(f"auth/{path}/ is there, but no AppRole", 3)


def ensure_audit(vault, wanted):
    present = "stdout/" in vault.read("sys/audit")
    if wanted and not present:
        vault.call("PUT", "sys/audit/stdout", {"type": "file", "options": {"file_path": "stdout"}})
        log("audit to standard output: enabled")
    elif present and not wanted:
        vault.call("DELETE", "sys/audit/stdout")
        log("audit to standard output: disabled")


def ensure_policy(vault, name, text):
    current = vault.read(f"sys/policies/acl/{name}")
    if current is None or current["policy"] != text:
        vault.call("PUT", f"sys/policies/acl/{name}", {"policy": text})
        log(f"policy {name}: {'made' if current is None else 'changed'}")


def ensure_role(vault, method, role, role_id, secret_id):
    path = f"auth/{method}/role/{role['name']}"
    current = vault.read(path)
    if current is None or any(current.get(key) != value for key, value in role["settings"].items()):
        vault.call("POST", path, role["settings"])
        log(f"role {role['name']}: {'made' if current is None else 'changed'}")
    if vault.read(f"{path}/role-id")["role_id"] != role_id:
        vault.call("POST", f"{path}/role-id", {"role_id": role_id})
        log(f"role {role['name']}: got its role id")
    ensure_secret_id(vault, path, role["name"], secret_id)


def ensure_secret_id(vault, path, name, secret_id):
    known = vault.call("POST", f"{path}/secret-id/lookup", {"secret_id": secret_id})
    if known.status == 204:
        vault.call("POST", f"{path}/custom-secret-id", {"secret_id": secret_id})
        log(f"role {name}: got its secret id")
        known = vault.call("POST", f"{path}/secret-id/lookup", {"secret_id": secret_id})
    current = known.json()["data"]["secret_id_accessor"]
    # There is always at least the one above, so that the list is never missing.
    for accessor in vault.call("LIST", f"{path}/secret-id").json()["data"]["keys"]:
        if accessor != current:
            vault.call("POST", f"{path}/secret-id-accessor/destroy", {"secret_id_accessor": accessor})
            log(f"role {name}: an earlier secret id is of no use any more")


def remove_others(vault, method, prefix, wanted):
    """Roles and policies of applications that are gone. Those of other people have other names."""
    listed = vault.call("LIST", f"auth/{method}/role", accept=(200, 404)).json().get("data") or {"keys": []}
    for name in listed["keys"]:
        if name.startswith(prefix) and name not in wanted:
            vault.call("DELETE", f"auth/{method}/role/{name}")
            log(f"role {name}: deleted, nobody wants it any more")
    for name in vault.call("LIST", "sys/policies/acl").json()["data"]["keys"]:
        if name.startswith(prefix) and name not in wanted:
            vault.call("DELETE", f"sys/policies/acl/{name}")
            log(f"policy {name}: deleted, nobody wants it any more")


def ensure_host_cluster(vault, engine, cluster, account):
    path = f"{engine}/data/cluster/{cluster['id']}"
    found = vault.read(path)
    current = (found or {}).get("data") or {}
    token = current.get("clusterToken") or ""
    if not is_good(token, account.uid()):
        token = account.token(cluster["tokenSeconds"])
        life = claims_of(token)
        log(f"cluster {cluster['id']}: a new token for {(life.get('exp', 0) - life.get('iat', 0)) / 3600:.1f} hours")
    wanted = {"clusterId": cluster["id"], "clusterApiUrl": cluster["apiUrl"], "clusterToken": token}
    if current != wanted:
        vault.call("POST", path, {"data": wanted})
        log(f"cluster {cluster['id']}: written")


def is_good(token, uid):
    """Whether the token is one of this account, as it is now, and more than half of its life is left."""
    claims = claims_of(token)
    made, ends = claims.get("iat"), claims.get("exp")
    if not made or not ends:
        return False
    account = (claims.get("kubernetes.io") or {}).get("serviceaccount") or {}
    return account.get("uid") == uid and ends - time.time() > (ends - made) / 2
