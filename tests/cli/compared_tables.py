"""Two PostgreSQL databases compared bit for bit, table by table: by what COPY writes, in binary where every type has a
binary form and none of it is an object's number, and as text.

Arrays, composites and their like carry the numbers of their element types in the binary form; types that somebody made
have other numbers in another database, so those are compared as the same type."""
import os
import pathlib
import struct
import subprocess
import tempfile

PSQL = os.path.join(os.environ["GODWIT_TEST_PG_BIN"], "psql")
SERVER = os.environ["GODWIT_TEST_PG"]
# How values are written, whatever a database's own settings say.
FORMS = """SET client_min_messages = error; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3;
SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET search_path = 'pg_catalog'; SET statement_timeout = 0; SET row_security = off;
"""
# Per column: whether its type, looked into as deep as it goes, lacks a binary form or holds numbers of objects.
TYPES = """
WITH RECURSIVE part(own, oid) AS (
  SELECT oid, oid FROM pg_type
  UNION SELECT p.own, n.oid FROM part p JOIN pg_type t ON t.oid = p.oid CROSS JOIN LATERAL (
    SELECT t.typbasetype WHERE t.typbasetype <> 0 UNION SELECT t.typelem WHERE t.typelem <> 0
    UNION SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
    UNION SELECT a.atttypid FROM pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) n(oid))
SELECT n.nspname, c.relname, a.attname,
  bool_or(t.typsend = 0 OR t.typname IN ('regclass', 'regtype', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regnamespace', 'regrole',
                                         'regconfig', 'regdictionary', 'regcollation', 'aclitem')),
  bool_or(p.oid >= 16384 AND p.oid <> p.own)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN part p ON p.own = a.atttypid JOIN pg_type t ON t.oid = p.oid
WHERE c.relkind IN ('r', 'p') GROUP BY c.oid, n.nspname, c.relname, a.attname, a.attnum ORDER BY c.oid, a.attnum
"""


def database_url(name):
    return SERVER.rsplit("/", 1)[0] + "/" + name


def sql(database, text, separator="|"):
    """The answer's rows, each a list of texts, on a session whose way of writing is pinned."""
    process = subprocess.run([PSQL, "-XqAt", "-F", separator, "-v", "ON_ERROR_STOP=1", "-d", database_url(database)],
                             input=FORMS + text, capture_output=True, text=True)
    if process.returncode != 0:
        raise AssertionError(f"{database}: {process.stderr}")
    return [line.split(separator) for line in process.stdout.splitlines()]


def quoted(*names):
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def tables_of(database):
    """(schema, table) → [(column, text only, holds numbers of types)]"""
    tables = {}
    for schema, table, column, text_only, numbers in sql(database, TYPES, "\x1f"):
        tables.setdefault((schema, table), []).append((column, text_only == "t", numbers == "t"))
    return tables


def type_numbers(database):
    """The name of every type that somebody made → its number as the binary form writes it."""
    return {name: struct.pack(">I", int(oid)) for oid, name in sql(
        database, "SELECT oid, format_type(oid, NULL) FROM pg_type WHERE oid >= 16384", "\x1f")}


def copies(database, tables, folder):
    """Writes each table's rows, in the order of their text, to files; (schema, table) → (binary or None, text)."""
    script, files = [], {}
    for number, ((schema, table), columns) in enumerate(tables.items()):
        binary = [column for column, text_only, _ in columns if not text_only]
        everything = quoted(schema, table)
        # By name: a schema that was dumped and restored may have another order of columns.
        names = [f"x.{quoted(column)}" for column, _, _ in columns]
        paths = [f"{folder}/{number}.binary" if binary else None, f"{folder}/{number}.text"]
        order = f'ORDER BY ROW({", ".join(names)})::text COLLATE "C"'
        if binary:
            script.append(rf"\copy (SELECT {', '.join(map(quoted, binary))} FROM {everything} x {order}) TO '{paths[0]}' (FORMAT binary)")
        script.append(rf"\copy (SELECT {', '.join(names)} FROM {everything} x {order}) TO '{paths[1]}'")
        files[schema, table] = paths
    sql(database, "\n".join(script) + "\n")
    return files


def differences(source, target, tables):
    """What differs between two databases, of `tables`, as [(schema, table, in what form)]; and how many of them
    were compared in binary."""
    numbers = type_numbers(source), type_numbers(target)
    renumbered = {(numbers[0][name], numbers[1][name]) for name in numbers[0].keys() & numbers[1].keys()}
    found, in_binary = [], 0
    with tempfile.TemporaryDirectory(prefix="godwit-compared-") as folder:
        for name in ["source", "target"]:
            pathlib.Path(folder, name).mkdir()
        left, right = copies(source, tables, f"{folder}/source"), copies(target, tables, f"{folder}/target")
        for table, columns in tables.items():
            for form, here, there in zip(["binary", "text"], left[table], right[table]):
                if here is None:
                    continue
                in_binary += form == "binary"
                ours, theirs = pathlib.Path(here).read_bytes(), pathlib.Path(there).read_bytes()
                numbered = form == "binary" and any(numbered for _, _, numbered in columns)
                if ours != theirs and not (numbered and same_but_for_numbers(ours, theirs, renumbered)):
                    found.append((*table, form))
    return found, in_binary


def same_but_for_numbers(ours, theirs, renumbered):
    """Whether two contents differ only where each has its own number of the same type. Only what differs is looked at:
    other bytes may read like a number by chance."""
    if len(ours) != len(theirs):
        return False
    at = 0  # all before this is the same
    while (at := first_difference(ours, theirs, at)) is not None:
        # The numbers' first bytes may be equal.
        begins = [start for start in range(max(at - 3, 0), at + 1) if (ours[start:start + 4], theirs[start:start + 4]) in renumbered]
        if not begins:
            return False
        at = begins[0] + 4
    return True


def first_difference(ours, theirs, at):
    while ours[at:at + 4096] == theirs[at:at + 4096]:
        at += 4096
        if at >= len(ours):
            return None
    return next(i for i in range(at, len(ours)) if ours[i] != theirs[i])
