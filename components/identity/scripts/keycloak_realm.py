"""Brings a realm of Keycloak to the desired state, through the admin API. Can be run any number of times.

Changes only what differs. A person's password and memberships are never touched: the first user is made once.

Environment:
  KEYCLOAK_URL          base URL of Keycloak, with its relative path
  REALM_FILE            file with the desired realm: JSON in the form of Keycloak's own realm export
  ADMINISTRATOR_FILES   directory with the files `username` and `password`
  WAIT_SECONDS          how long a call may take to succeed, and so how long Keycloak may take to start; default 600
  RETRY_PAUSE_SECONDS   pause before the first retry, doubled up to 15 seconds; default 1

Exit codes: 0 done, 1 Keycloak refused or failed, 2 wrong input, 3 wrong administrator's login, 4 Keycloak did not start.
"""

import json
import os
import sys
from urllib.parse import quote

from keycloak_api import Failure, Keycloak

# Everything else in the document is a setting of the realm itself.
PARTS = ("roles", "groups", "clientScopes", "clients", "users")
# Attribute of the clients that are ours: those that are no longer desired are deleted.
MANAGED = "platform.managed"
# Attribute of the realm with the first users that were made: one that somebody deleted does not come back.
USERS_MADE = "platform.usersMade"


def covers(current, desired):
    """Whether `current` says at least what `desired` says. Keycloak gives lists in any order."""
    if isinstance(desired, dict):
        return isinstance(current, dict) and all(covers(current.get(key), each) for key, each in desired.items())
    if isinstance(desired, list):
        return isinstance(current, list) and sorted(current) == sorted(desired)
    return current == desired


def differing(current, desired):
    """The settings that differ, by name. Values are never logged: some are secrets."""
    return sorted(key for key, value in desired.items() if not covers(current.get(key), value))


def segment(text):
    return quote(text, safe="")


class Realm:
    def __init__(self, keycloak, document):
        self.keycloak = keycloak
        self.document = document
        self.path = f"/{segment(document['realm'])}"

    def reconcile(self):
        self.ensure_settings()
        for role in self.document["roles"]["realm"]:
            self.ensure_role(role)
        for group in self.document["groups"]:
            self.ensure_group(group)
        for scope in self.document["clientScopes"]:
            self.ensure_client_scope(scope)
        scope_ids = {each["name"]: each["id"] for each in self.get("/client-scopes")}
        for client in self.document["clients"]:
            self.ensure_client(client, scope_ids)
        self.delete_unwanted_clients()
        for user in self.document["users"]:
            self.ensure_first_user(user)

    def get(self, path, missing=None):
        return self.keycloak.get(self.path + path, missing)

    def ensure_settings(self):
        desired = {key: value for key, value in self.document.items() if key not in PARTS}
        current = self.get("")
        if current is None:
            # Made with its settings only: Keycloak adds the clients and scopes that its version has in every realm.
            self.keycloak.create("", desired)
            self.log("created")
            current = self.get("")
        if current["id"] != desired["id"]:
            raise Failure(
                f"The realm {desired['realm']} exists with another id ({current['id']}), and an id cannot be changed. "
                "Set platform:keycloak.realm.id to it, or delete the realm.",
                2,
            )
        changed = differing(current, desired)
        if changed:
            self.keycloak.replace(self.path, desired)
            self.log(f"changed {', '.join(changed)}")

    def ensure_role(self, role):
        path = f"/roles/{segment(role['name'])}"
        current = self.get(path)
        if current is None:
            self.keycloak.create(f"{self.path}/roles", role)
            self.log(f"role {role['name']}: created")
        elif differing(current, role):
            self.keycloak.replace(self.path + path, {**current, **role})
            self.log(f"role {role['name']}: changed")

    def ensure_group(self, group):
        path = f"/group-by-path/{segment(group['name'])}"
        if self.get(path) is None:
            self.keycloak.create(f"{self.path}/groups", {"name": group["name"]})
            self.log(f"group {group['name']}: created")
        mappings = f"/groups/{self.get(path)['id']}/role-mappings/realm"
        present = {each["name"] for each in self.get(mappings)}
        missing = [self.get(f"/roles/{segment(role)}") for role in group["realmRoles"] if role not in present]
        if missing:
            self.keycloak.create(self.path + mappings, missing)
            self.log(f"group {group['name']}: got {', '.join(each['name'] for each in missing)}")

    def ensure_client_scope(self, scope):
        current = next((each for each in self.get("/client-scopes") if each["name"] == scope["name"]), None)
        if current is None:
            self.keycloak.create(f"{self.path}/client-scopes", scope)
            self.log(f"client scope {scope['name']}: created")
        elif differing(current, scope):
            self.keycloak.replace(f"{self.path}/client-scopes/{current['id']}", {**current, **scope})
            self.log(f"client scope {scope['name']}: changed")

    def find_client(self, client_id):
        return next(iter(self.get(f"/clients?clientId={segment(client_id)}")), None)

    def ensure_client(self, client, scope_ids):
        name = client["clientId"]
        desired = {**client, "attributes": {**client["attributes"], MANAGED: "true"}}
        current = self.find_client(name)
        if current is None:
            self.keycloak.create(f"{self.path}/clients", desired)
            self.log(f"client {name}: created")
            current = self.find_client(name)
        path = f"/clients/{current['id']}"
        # Calls of their own change these two; the call that changes a client passes over them.
        mappers = desired.pop("protocolMappers")
        scopes = {kind: desired.pop(f"{kind}ClientScopes") for kind in ("default", "optional")}
        changed = differing(current, desired)
        if changed:
            attributes = {**current["attributes"], **desired["attributes"]}
            self.keycloak.replace(self.path + path, {**current, **desired, "attributes": attributes})
            self.log(f"client {name}: changed {', '.join(changed)}")
        self.ensure_mappers(f"{path}/protocol-mappers/models", name, mappers)
        present = {kind: {each["name"] for each in self.get(f"{path}/{kind}-client-scopes")} for kind in scopes}
        # All that has to go goes first: a scope cannot be of both kinds.
        for kind, wanted in scopes.items():
            for scope in sorted(present[kind] - set(wanted)):
                self.keycloak.delete(f"{self.path}{path}/{kind}-client-scopes/{scope_ids[scope]}")
                self.log(f"client {name}: lost the {kind} scope {scope}")
        for kind, wanted in scopes.items():
            for scope in sorted(set(wanted) - present[kind]):
                self.keycloak.replace(f"{self.path}{path}/{kind}-client-scopes/{scope_ids[scope]}")
                self.log(f"client {name}: got the {kind} scope {scope}")

    def ensure_mappers(self, path, client, mappers):
        present = {each["name"]: each for each in self.get(path)}
        for mapper in mappers:
            current = present.get(mapper["name"])
            if current is None:
                self.keycloak.create(self.path + path, mapper)
                self.log(f"client {client}: got the mapper {mapper['name']}")
            elif differing(current, mapper):
                self.keycloak.replace(f"{self.path}{path}/{current['id']}", {**current, **mapper})
                self.log(f"client {client}: changed the mapper {mapper['name']}")

    def delete_unwanted_clients(self):
        wanted = {each["clientId"] for each in self.document["clients"]}
        for client in self.get("/clients"):
            ours = client.get("attributes", {}).get(MANAGED) == "true"
            if ours and client["clientId"] not in wanted:
                self.keycloak.delete(f"{self.path}/clients/{client['id']}")
                self.log(f"client {client['clientId']}: deleted, nobody wants it any more")

    def ensure_first_user(self, user):
        name = user["username"]
        attributes = self.get("").get("attributes", {})
        made = attributes.get(USERS_MADE, "").split()
        if name in made:
            return
        # In one call, so that there is never a user without its groups.
        if self.keycloak.create(f"{self.path}/users", user):
            self.log(f"user {name}: created, has to choose a password at the first login")
        # All of them, since Keycloak removes those that are left out.
        self.keycloak.replace(self.path, {"attributes": {**attributes, USERS_MADE: " ".join([*made, name])}})

    def log(self, line):
        print(f"realm {self.document['realm']}: {line}", flush=True)


def read_input():
    try:
        with open(os.environ["REALM_FILE"], encoding="utf-8") as file:
            document = json.load(file)
        absent = [key for key in ("id", "realm", *PARTS) if key not in document]
        if absent:
            raise Failure(f"the realm has no {', '.join(absent)}", 2)
        username, password = (read_login(name) for name in ("username", "password"))
        return document, Keycloak(
            os.environ["KEYCLOAK_URL"],
            username,
            password,
            float(os.environ.get("WAIT_SECONDS", "600")),
            float(os.environ.get("RETRY_PAUSE_SECONDS", "1")),
        )
    except KeyError as error:
        raise Failure(f"missing in the environment: {error}", 2) from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read the input: {error}", 2) from None


def read_login(name):
    with open(os.path.join(os.environ["ADMINISTRATOR_FILES"], name), encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    try:
        document, keycloak = read_input()
        Realm(keycloak, document).reconcile()
        print("done", flush=True)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        sys.exit(failure.code)
