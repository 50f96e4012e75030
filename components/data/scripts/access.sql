-- Makes the roles and databases of an access plan, on an empty server, an old one, or one where this stopped half way.
-- The plan is JSON in the environment variable ACCESS_PLAN:
--   { "roles": [{ "name", "password", "memberOf": [] }], "databases": [{ "name", "owner" }] }
-- It never deletes: a role or database that leaves the plan stays until somebody drops it.
\set ON_ERROR_STOP on
\getenv plan ACCESS_PLAN

-- The passwords must not reach the server's log, whatever it is set to.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';

-- One run at a time: two would both find a role missing. The lock ends with the connection.
SELECT pg_advisory_lock(hashtext('platform access plan')) \g /dev/null

CREATE TEMPORARY TABLE planned_role AS
  SELECT name, password, coalesce("memberOf", '[]') AS member_of
  FROM json_to_recordset(:'plan'::json -> 'roles') AS role(name text, password text, "memberOf" json);
CREATE TEMPORARY TABLE planned_database AS
  SELECT name, owner FROM json_to_recordset(:'plan'::json -> 'databases') AS database(name text, owner text);

SELECT format('CREATE ROLE %I', name) FROM planned_role
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY name \gexec

SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L', name, password)
  FROM planned_role ORDER BY name \gexec

SELECT format('GRANT %I TO %I', granted.role, name)
  FROM planned_role, json_array_elements_text(member_of) AS granted(role) ORDER BY name, granted.role \gexec

SELECT format('CREATE DATABASE %I OWNER %I', name, owner) FROM planned_database
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) ORDER BY name \gexec

SELECT format('ALTER DATABASE %I OWNER TO %I', name, owner) FROM planned_database ORDER BY name \gexec

-- Only its owner (and administrators) may connect; a database is open to every role otherwise.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name) FROM planned_database ORDER BY name \gexec

SELECT format('%s roles and %s databases are as planned.',
  (SELECT count(*) FROM planned_role), (SELECT count(*) FROM planned_database)) AS result \g (format=unaligned tuples_only=on)
