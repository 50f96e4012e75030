"""Brings a SonarQube to the state that the platform needs, and gives each consumer its analysis token.

The server makes tokens itself and shows each only once, so the program cannot know them: this script writes them into
Secrets that the program has made for that. It can be run any number of times.

Environment:
  SONARQUBE_URL           base URL of the server
  DESIRED_STATE           file with the desired state, JSON
  CREDENTIALS_DIRECTORY   directory with the passwords: `administrator`, and `user.<username>` of each consumer
  ACCOUNT_DIRECTORY       token and authority of the service account; default: where Kubernetes mounts them
  WAIT_SECONDS            how long the server may take to come up, and a call to succeed; default 900
  RETRY_PAUSE_SECONDS     pause before the first retry, doubled up to 15 seconds; default 1

Exit codes: 0 done, 1 the server refused or failed, 2 wrong input, 3 wrong administrator password, 4 the server did not
come up, 5 a Secret could not be read or written.
"""

import datetime
import json
import os
import sys

from kubernetes_secret import SecretKey
from sonarqube_api import Failure, SonarQube

# What every new SonarQube begins with.
FIRST_LOGIN = ("admin", "admin")
# Tokens whose names begin like this are ours.
TOKEN_PREFIX = "platform-"
ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount"


def ensure_administrator(sonar, new):
    """Returns the login of the administrator, whose first password is public knowledge."""
    username, old = FIRST_LOGIN
    login = (username, new)
    if sonar.accepts(login):
        return login
    if not sonar.accepts(FIRST_LOGIN):
        raise Failure(
            "SonarQube accepts neither the platform's administrator password nor the first one. If somebody changed "
            "it, or the database is another one, set platform:sonarqube.administratorPassword to the present one.",
            3,
        )
    sonar.post("/api/users/change_password", FIRST_LOGIN, previousPassword=old, password=new, login=username)
    print("administrator: the first password is changed", flush=True)
    return login


def ensure_settings(sonar, administrator, settings):
    present = sonar.get("/api/settings/values", administrator, keys=",".join(settings))["settings"]
    values = {each["key"]: each.get("value") for each in present}
    for key, value in settings.items():
        if values.get(key) != value:
            sonar.post("/api/settings/set", administrator, key=key, value=value)
            print(f"setting {key}: changed", flush=True)


def ensure_user(sonar, administrator, consumer, new):
    """Returns the login of the consumer's user."""
    username = consumer["username"]
    found = sonar.get("/api/users/search", administrator, q=username)["users"]
    if all(each["login"] != username for each in found):
        # Brings a deactivated user of this name back.
        user = {"login": username, "name": consumer["displayName"], "local": "true"}
        sonar.post("/api/users/create", administrator, password=new, **user)
        print(f"user {username}: created", flush=True)
    elif not sonar.accepts((username, new)):
        sonar.post("/api/users/change_password", administrator, password=new, login=username)
        print(f"user {username}: the password is set", flush=True)
    holders = sonar.get("/api/permissions/users", administrator, q=username)["users"]
    held = {right for each in holders if each["login"] == username for right in each["permissions"]}
    for right in consumer["permissions"]:
        if right not in held:
            sonar.post("/api/permissions/add_user", administrator, login=username, permission=right)
            print(f"user {username}: may {right}", flush=True)
    return (username, new)


def ensure_token(sonar, login, days, secret):
    """A token that works in the Secret. One that ends soon gets a successor, and itself stays until its end."""
    listed = sonar.get("/api/user_tokens/search", login)["userTokens"]
    tokens = [each for each in listed if each["name"].startswith(TOKEN_PREFIX)]
    known = secret.read()
    # A token is a login of its own, without a password.
    works = known is not None and len(tokens) > 0 and sonar.accepts((known, ""))
    if works and lasts(max(tokens, key=age_rank), days):
        return
    for each in tokens:
        if not works or each.get("isExpired"):
            sonar.post("/api/user_tokens/revoke", login, name=each["name"])
            print(f"user {login[0]}: revoked the token {each['name']}", flush=True)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    expiry = {} if days is None else {"expirationDate": (today + datetime.timedelta(days=days)).isoformat()}
    name = unused(f"{TOKEN_PREFIX}{today.isoformat()}", {each["name"] for each in tokens} if works else set())
    path = "/api/user_tokens/generate"
    made = sonar.post(path, login, name=name, type="GLOBAL_ANALYSIS_TOKEN", **expiry)
    secret.write(made["token"])
    print(f"user {login[0]}: the token {name} is in the {secret.label}", flush=True)


def age_rank(token):
    """Sorts the newest token last. SonarQube tells whole seconds; within one the number behind the name decides."""
    return (token["createdAt"], len(token["name"]), token["name"])


def lasts(token, days):
    """Whether a token has the wanted kind of life, and more than the last third of it before it."""
    end = token.get("expirationDate")
    if end is None or days is None:
        return end is None and days is None
    left = datetime.datetime.strptime(end, "%Y-%m-%dT%H:%M:%S%z") - datetime.datetime.now(datetime.timezone.utc)
    return datetime.timedelta(days=days / 3) < left <= datetime.timedelta(days=days)


def unused(name, taken):
    """The name, with a number behind it where it is taken."""
    names = [name] + [f"{name}-{number}" for number in range(2, len(taken) + 2)]
    return next(each for each in names if each not in taken)


def read_input():
    try:
        with open(os.environ["DESIRED_STATE"], encoding="utf-8") as file:
            desired = json.load(file)
        directory = os.environ["CREDENTIALS_DIRECTORY"]
        passwords = {}
        for name in ["administrator"] + [f"user.{each['username']}" for each in desired["consumers"]]:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                passwords[name] = file.read()
        wait = float(os.environ.get("WAIT_SECONDS", "900"))
        pause = float(os.environ.get("RETRY_PAUSE_SECONDS", "1"))
        return desired, passwords, SonarQube(os.environ["SONARQUBE_URL"], wait, pause)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise Failure(f"cannot read the input: {type(error).__name__}: {error}", 2) from None


def main():
    desired, passwords, sonar = read_input()
    sonar.wait_until_up()
    administrator = ensure_administrator(sonar, passwords["administrator"])
    ensure_settings(sonar, administrator, desired["settings"])
    account_directory = os.environ.get("ACCOUNT_DIRECTORY", ACCOUNT_DIRECTORY)
    for consumer in desired["consumers"]:
        login = ensure_user(sonar, administrator, consumer, passwords[f"user.{consumer['username']}"])
        place = consumer["secret"]
        secret = SecretKey(account_directory, place["namespace"], place["name"], place["key"])
        ensure_token(sonar, login, consumer["tokenDays"], secret)
    print("SonarQube is as it should be", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        sys.exit(failure.code)
