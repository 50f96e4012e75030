"""Makes a node able to pull from a registry that has no public certificate or DNS name.

Writes `certs.d/<registry>/hosts.toml` (and `ca.crt`) for containerd and a line in the hosts file, and looks every
minute whether they are still there. Nothing is taken away when it ends: pods that pull just then would fail.

Environment:
  REGISTRY_HOST      host and port as image references begin
  REGISTRY_SCHEME    http or https
  REGISTRY_ADDRESS   address that the host name stands for; empty: the hosts file is left alone
  CERTS_DIRECTORY    containerd's certs.d as this process sees it
  CERTS_NODE_PATH    the same directory as the node sees it
  HOSTS_FILE         the node's hosts file as this process sees it
  AUTHORITY_FILE     PEM of the registry's authority; need not exist
  CHECK_SECONDS      pause between two looks; 0: look once and end; default 60
"""

import os
import re
import signal
import sys
import threading

MARK = "# platform registry"


def hosts_toml(scheme, host, authority):
    lines = [
        f'server = "{scheme}://{host}"',
        "",
        f'[host."{scheme}://{host}"]',
        '  capabilities = ["pull", "resolve", "push"]',
    ]
    if authority is not None:
        lines.append(f'  ca = "{authority}"')
    return "\n".join(lines) + "\n"


def hosts_file(current, address, name):
    """The hosts file with exactly one line of ours."""
    kept = [line for line in current.splitlines() if not line.rstrip().endswith(MARK)]
    return "\n".join([*kept, f"{address} {name} {MARK}"]) + "\n"


def write(path, content):
    """Replaces a file at once, so that containerd never reads half of it. Says whether anything changed."""
    if read(path) == content:
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.platform"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    return True


def rewrite(path, content):
    """Changes a file in place: the hosts file is mounted by itself and cannot be replaced."""
    if read(path) == content:
        return False
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return True


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def prepare(settings):
    host = settings["REGISTRY_HOST"]
    directory = os.path.join(settings["CERTS_DIRECTORY"], host)
    authority = read(settings["AUTHORITY_FILE"])
    changed = []
    if authority is not None and write(os.path.join(directory, "ca.crt"), authority):
        changed.append("ca.crt")
    authority_path = None if authority is None else f"{settings['CERTS_NODE_PATH']}/{host}/ca.crt"
    if write(os.path.join(directory, "hosts.toml"), hosts_toml(settings["REGISTRY_SCHEME"], host, authority_path)):
        changed.append("hosts.toml")
    if settings["REGISTRY_ADDRESS"] != "":
        current = read(settings["HOSTS_FILE"]) or ""
        name = re.sub(r":\d+$", "", host)
        if rewrite(settings["HOSTS_FILE"], hosts_file(current, settings["REGISTRY_ADDRESS"], name)):
            changed.append("hosts file")
    if changed:
        print(f"{host}: wrote {', '.join(changed)}", flush=True)


def main():
    names = (
        "REGISTRY_HOST REGISTRY_SCHEME REGISTRY_ADDRESS CERTS_DIRECTORY CERTS_NODE_PATH HOSTS_FILE AUTHORITY_FILE"
    ).split()
    missing = [name for name in names if name not in os.environ]
    if missing:
        print(f"error: not in the environment: {', '.join(missing)}", file=sys.stderr)
        return 2
    settings = {name: os.environ[name] for name in names}
    pause = float(os.environ.get("CHECK_SECONDS", "60"))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while True:
        try:
            prepare(settings)
        except OSError as error:
            print(f"error: {error}", file=sys.stderr, flush=True)
            if pause == 0:
                return 1
        if pause == 0 or ended.wait(pause):
            return 0


if __name__ == "__main__":
    sys.exit(main())
