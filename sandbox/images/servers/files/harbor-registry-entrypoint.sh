#!/bin/sh
# Starts the registry by its configuration, as Harbor's image does. What Harbor's image copies into the system's bundle,
# the authorities in /harbor_cust_cert, is read where it lies.
set -eu

export SSL_CERT_DIR=/etc/ssl/certs:/harbor_cust_cert
exec docker-registry serve /etc/registry/config.yml
