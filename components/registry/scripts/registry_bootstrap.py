"""Brings Harbor's projects and robot accounts to the desired state, through its API. Can be run any number of times.

Environment:
  HARBOR_URL           base URL of Harbor, without a path
  HARBOR_USERNAME      administrator
  DESIRED_STATE        file with the desired state, JSON
  CREDENTIALS_DIRECTORY    directory with the files `administrator` and `robot.<project>.<robot>`
  WAIT_SECONDS         how long Harbor may take to become healthy, and a call to succeed; default 600
  RETRY_PAUSE_SECONDS  pause before the first retry, doubled up to 15 seconds; default 1

Exit codes: 0 done, 1 Harbor refused or failed, 2 wrong input, 3 wrong administrator password, 4 Harbor did not come up.
"""

import json
import os
import sys
import time
import urllib.parse

from harbor_api import PAGE_SIZE, Failure, Harbor, log

# Robots whose description ends like this are ours: those that are no longer desired are deleted.
MARK = "(managed by the platform)"
ROBOT_PREFIX = "robot$"
DAY = 86400


def quoted(text):
    return urllib.parse.quote(text, safe="")


def ensure_system(harbor, wanted):
    if not wanted:
        return
    current = harbor.call("GET", "/configurations").json()
    differing = {key: value for key, value in wanted.items() if current.get(key, {}).get("value") != value}
    if differing:
        harbor.call("PUT", "/configurations", differing)
        log(f"system settings: changed {', '.join(sorted(differing))}")


def ensure_project(harbor, project):
    name = project["name"]
    by_name = {"X-Is-Resource-Name": "true"}
    path = f"/projects/{quoted(name)}"
    metadata = project["metadata"]
    exists = harbor.call("HEAD", f"/projects?project_name={quoted(name)}", accept=(200, 404)).status == 200
    if not exists:
        body = {"project_name": name, "metadata": metadata, "storage_limit": project["storageLimit"]}
        created = harbor.call("POST", "/projects", body, accept=(201, 409))
        log(f"project {name}: {'created' if created.status == 201 else 'was there'}")
    current = harbor.call("GET", path, headers=by_name).json()
    differing = {key: value for key, value in metadata.items() if current.get("metadata", {}).get(key) != value}
    if differing:
        harbor.call("PUT", path, {"metadata": metadata}, headers=by_name)
        log(f"project {name}: changed {', '.join(sorted(differing))}")
    number = current["project_id"]
    ensure_quota(harbor, name, number, project["storageLimit"])
    ensure_immutable_tags(harbor, name, project["immutableTags"], by_name)
    if project["retention"] is not None:
        ensure_retention(harbor, name, number, project["retention"], current.get("metadata", {}).get("retention_id"))
    return number


def ensure_quota(harbor, name, number, limit):
    for quota in harbor.pages("/quotas", {"reference": "project", "reference_id": number}):
        if quota["hard"].get("storage") != limit:
            harbor.call("PUT", f"/quotas/{quota['id']}", {"hard": {"storage": limit}})
            log(f"project {name}: changed the quota")


def ensure_immutable_tags(harbor, name, rules, by_name):
    if not rules:
        return
    path = f"/projects/{quoted(name)}/immutabletagrules"
    answer = harbor.call("GET", f"{path}?page_size={PAGE_SIZE}", headers=by_name)
    present = {(pattern(each["scope_selectors"]["repository"]), pattern(each["tag_selectors"])) for each in answer.json()}
    for rule in rules:
        if (rule["repositories"], rule["tags"]) in present:
            continue
        body = {
            "disabled": False,
            "action": "immutable",
            "template": "immutable_template",
            "tag_selectors": [selector("matches", rule["tags"])],
            "scope_selectors": {"repository": [selector("repoMatches", rule["repositories"])]},
        }
        harbor.call("POST", path, body, accept=(201, 409), headers=by_name)
        log(f"project {name}: tags {rule['tags']} of {rule['repositories']} cannot be changed from now on")


def ensure_retention(harbor, name, number, retention, retention_id):
    body = {
        "algorithm": "or",
        "scope": {"level": "project", "ref": number},
        "trigger": {"kind": "Schedule", "settings": {"cron": retention["cron"]}, "references": {}},
        "rules": [
            {
                "action": "retain",
                "template": rule["template"],
                "params": {rule["template"]: rule["count"]} if rule["count"] is not None else {},
                "tag_selectors": [selector("matches", rule["tags"])],
                "scope_selectors": {"repository": [selector("repoMatches", rule["repositories"])]},
            }
            for rule in retention["rules"]
        ],
    }
    if retention_id in (None, ""):
        harbor.call("POST", "/retentions", body)
        log(f"project {name}: retention created")
    else:
        number = int(retention_id)
        harbor.call("PUT", f"/retentions/{number}", {**body, "id": number})


def selector(decoration, text):
    return {"kind": "doublestar", "decoration": decoration, "pattern": text}


def pattern(selectors):
    return selectors[0]["pattern"] if selectors else None


def ensure_robots(harbor, project, number, robots, secrets):
    present = robots_of(harbor, number)
    delete_unwanted(harbor, present, {f"{ROBOT_PREFIX}{project}+{robot['name']}" for robot in robots})
    for robot in robots:
        ensure_robot(harbor, project, number, robot, present, secrets[f"robot.{project}.{robot['name']}"])


def delete_unwanted(harbor, present, wanted):
    for name, found in present.items():
        if name not in wanted and str(found.get("description", "")).endswith(MARK):
            harbor.call("DELETE", f"/robots/{found['id']}", accept=(200, 404))
            log(f"robot {name}: deleted, nobody wants it any more")


def ensure_no_robots_elsewhere(harbor, wanted_projects):
    """Projects that are no longer desired stay, but nobody may log in there by an account of ours."""
    others = [each for each in harbor.pages("/projects", {}) if each["name"] not in wanted_projects]
    for project in others:
        delete_unwanted(harbor, robots_of(harbor, project["project_id"]), set())


def ensure_robot(harbor, project, number, robot, present, secret):
    full_name = f"{ROBOT_PREFIX}{project}+{robot['name']}"
    body = {
        "name": robot["name"],
        "description": f"{robot['description']} {MARK}",
        "level": "project",
        "duration": robot["days"],
        "disable": False,
        "permissions": [
            {
                "kind": "project",
                "namespace": project,
                "access": [{"resource": "repository", "action": action} for action in robot["actions"]],
            }
        ],
    }
    found = present.get(full_name)
    if found is not None and ends_soon(found, robot["days"]):
        # Harbor counts the duration from the creation, so that only a new robot lives longer.
        harbor.call("DELETE", f"/robots/{found['id']}", accept=(200, 404))
        log(f"robot {full_name}: its time is nearly up, made anew")
        found = None
    if found is None:
        answer = harbor.call("POST", "/robots", body, accept=(201, 409))
        if answer.status == 201:
            found = answer.json()
            log(f"robot {full_name}: created")
        else:
            found = robots_of(harbor, number).get(full_name)
            if found is None:
                raise Failure(f"robot {full_name}: Harbor says it exists, but does not list it")
    harbor.call("PUT", f"/robots/{found['id']}", {**body, "id": found["id"], "name": full_name})
    # The secret is known before Harbor knows the robot; so pull secrets need no way back from here.
    harbor.call("PATCH", f"/robots/{found['id']}", {"secret": secret})
    log(f"robot {full_name}: may {' and '.join(robot['actions'])}")


def robots_of(harbor, number):
    entries = harbor.pages("/robots", {"q": f"Level=project,ProjectID={number}"})
    return {each["name"]: each for each in entries}


def ends_soon(robot, days):
    """Whether less than a third of the time is left."""
    expires = robot.get("expires_at", -1)
    return days > 0 and expires > 0 and expires - time.time() < days * DAY / 3


def read_input():
    try:
        with open(os.environ["DESIRED_STATE"], encoding="utf-8") as file:
            desired = json.load(file)
        names = ["administrator", *(f"robot.{each['project']}.{each['name']}" for each in desired["robots"])]
        secrets = {name: read_secret(name) for name in names}
    except KeyError as error:
        raise Failure(f"missing in the environment or in the desired state: {error}", 2) from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read the input: {error}", 2) from None
    return desired, secrets


def read_secret(name):
    with open(os.path.join(os.environ["CREDENTIALS_DIRECTORY"], name), encoding="utf-8") as file:
        return file.read()


def number_of(name, default):
    text = os.environ.get(name, default)
    try:
        return float(text)
    except ValueError:
        raise Failure(f"{name} is no number", 2) from None


def main():
    desired, secrets = read_input()
    url = os.environ.get("HARBOR_URL", "")
    if not url.startswith(("http://", "https://")):
        raise Failure("HARBOR_URL is no http or https URL", 2)
    harbor = Harbor(
        url,
        os.environ.get("HARBOR_USERNAME", "admin"),
        secrets["administrator"],
        number_of("WAIT_SECONDS", "600"),
        number_of("RETRY_PAUSE_SECONDS", "1"),
    )
    harbor.wait_until_healthy()
    ensure_system(harbor, desired["system"])
    for project in desired["projects"]:
        number = ensure_project(harbor, project)
        robots = [each for each in desired["robots"] if each["project"] == project["name"]]
        ensure_robots(harbor, project["name"], number, robots, secrets)
    ensure_no_robots_elsewhere(harbor, {project["name"] for project in desired["projects"]})
    log("done")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        sys.exit(failure.code)
