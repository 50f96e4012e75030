"""Writes the language model of the platform's settings into the settings.json of OpenHands.

The application takes the model and the key of a conversation from that file only. People change the file in the
application, so it is written when it is not there, and afterwards only when the platform's side has changed since it
was written last: the later change wins. Everything else in the file stays as it is.

Environment: STATE_DIRECTORY, DEFAULT_AGENT, LLM_MODEL, LLM_API_KEY, LLM_BASE_URL (absent: the provider's own).
Exit codes: 0 done, 1 the directory cannot be written to, 2 settings.json is not what the application writes.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

# What the application would otherwise ask people for at the first start.
FIRST_SETTINGS = {"language": "en", "user_consents_to_analytics": False}

# Variables, and in small letters the names of the same things in the file.
LANGUAGE_MODEL = ("LLM_MODEL", "LLM_API_KEY", "LLM_BASE_URL")


def main() -> int:
    directory = Path(os.environ["STATE_DIRECTORY"])
    settings_file = directory / "settings.json"
    record_file = directory / ".platform-language-model"
    wanted = {name.lower(): os.environ.get(name) for name in LANGUAGE_MODEL}
    # A hash, so that the key is not in a second file.
    version = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    try:
        settings = read_settings(settings_file)
        if settings is not None and record_file.exists() and record_file.read_text() == version:
            print("The language model of the platform's settings is known already; nothing is changed.")
            return 0
        first = settings is None
        base = {**FIRST_SETTINGS, "agent": os.environ["DEFAULT_AGENT"]} if first else settings
        write(settings_file, json.dumps({**base, **wanted}))
        write(record_file, version)
        print("settings.json was made." if first else "settings.json has the new language model.")
        return 0
    except ValueError as error:
        print(f"{settings_file} cannot be read: {error}. Repair it, or move it away.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"The state cannot be written: {error}. The volume has to belong to the group of the pod.", file=sys.stderr)
        return 1


def read_settings(file: Path):
    """The settings that are there, or None. Raises ValueError for anything but a JSON object."""
    try:
        text = file.read_text()
    except FileNotFoundError:
        return None
    try:
        settings = json.loads(text)
    except json.JSONDecodeError as error:
        # The message alone: the text around the place may hold a key.
        raise ValueError(f"it is not JSON (line {error.lineno})") from None
    if not isinstance(settings, dict):
        raise ValueError("it is not a JSON object")
    return settings


def write(file: Path, text: str) -> None:
    """Replaces the file in one step, readable for its owner and group only."""
    temporary = file.with_name(f"{file.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    temporary.replace(file)


if __name__ == "__main__":
    sys.exit(main())
