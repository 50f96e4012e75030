#!/bin/sh
# Ends with 0 when PostgreSQL takes connections; Harbor's image has the check at this place.
exec pg_isready --quiet --host=127.0.0.1 --username=postgres
