"""Makes the tables of the application, once the application can be imported at all.

The tables alone need little of it, so they would be made by images too whose API never starts. Runs in the image of the
application, in its directory.
"""

import sys
import traceback

try:
    import main  # noqa: F401  what uvicorn serves
except Exception as error:
    traceback.print_exc()
    sys.exit(
        "The application in this image cannot be imported "
        f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}), "
        "so no pod of the API could start. No table was made. "
        "Mend the image and push it again; docs/kubekloud.md, \"The first image\", has the known cause."
    )

from app.database import init_db

init_db()
