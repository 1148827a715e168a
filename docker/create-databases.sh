#!/bin/bash
# Run once by the PostGIS image, on an empty data volume: the two databases, and the two roles of the service.
# The owner migrates and loads reference data. The service role may only connect; migrations grant it what it needs.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$QINGTIAN_OWNER_PASSWORD" -v service_password="$QINGTIAN_SERVICE_PASSWORD" <<'SQL'
CREATE ROLE qingtian_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE qingtian_service LOGIN PASSWORD :'service_password';
SQL

for database in qingtian qingtian_demo; do
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
CREATE DATABASE $database OWNER qingtian_owner;
REVOKE ALL ON DATABASE $database FROM PUBLIC;
GRANT CONNECT ON DATABASE $database TO qingtian_service;
\connect $database
CREATE EXTENSION postgis;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO qingtian_owner;
SQL
done
