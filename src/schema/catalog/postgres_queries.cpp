#include "schema/catalog/postgres_queries.h"

namespace godwit::schema {

namespace {

// The schemas and relations that are looked at. Members of extensions come with their extension.
constexpr const char* scope = R"sql(
member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
space AS (
  SELECT n.oid, n.nspname FROM pg_namespace n
  WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'godwit'
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)),
veiled AS (
  SELECT c.oid FROM pg_class c JOIN space s ON s.oid = c.relnamespace, hidden h
  WHERE s.nspname || '.' || c.relname = ANY (h.names) OR c.relname = ANY (h.names)),
owned AS (
  SELECT d.objid, d.refobjid, d.refobjsubid, d.deptype FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    AND d.refobjsubid > 0 AND c.relkind = 'S'),
rel AS (
  SELECT c.oid, c.relname, s.nspname, c.relkind, c.relpersistence, c.relispartition, c.reloptions, c.reloftype,
    c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relpartbound,
    format('%I.%I', s.nspname, c.relname) AS name
  FROM pg_class c JOIN space s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND c.oid NOT IN (SELECT oid FROM veiled)
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
    AND NOT EXISTS (SELECT FROM owned o WHERE o.objid = c.oid AND o.refobjid IN (SELECT oid FROM veiled))),
seq AS (
  SELECT q.seqrelid, format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', q.seqstart,
    q.seqincrement, q.seqmin, q.seqmax, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END) AS options,
    format_type(q.seqtypid, NULL) AS type
  FROM pg_sequence q),
col AS (
  SELECT r.oid AS relid, r.name AS relname, r.relkind, a.attnum, a.attname,
    format('%I', a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
    CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
      THEN (SELECT format('%I.%I', n.nspname, k.collname) FROM pg_collation k JOIN pg_namespace n
            ON n.oid = k.collnamespace WHERE k.oid = a.attcollation) END AS collated,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS initial,
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated,
    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END || ' AS IDENTITY (' ||
      (SELECT seq.options FROM owned o JOIN seq ON seq.seqrelid = o.objid
       WHERE o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'i' LIMIT 1) || ')' AS identity,
    a.attnotnull AS not_null
  FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE r.relkind IN ('r', 'p', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped),
defined AS (
  SELECT col.*, col.name || ' ' || type || coalesce(' COLLATE ' || collated, '') ||
    coalesce(' DEFAULT ' || initial, '') || coalesce(' GENERATED ' || identity, '') ||
    coalesce(' GENERATED ALWAYS AS (' || generated || ') STORED', '') ||
    CASE WHEN not_null THEN ' NOT NULL' ELSE '' END AS definition
  FROM col),
listed AS (
  SELECT relid, string_agg(definition, E',\n  ' ORDER BY attnum) AS columns,
    string_agg(name, ', ' ORDER BY attnum) AS names, json_agg(name ORDER BY attnum)::text AS name_list
  FROM defined GROUP BY relid)
)sql";

constexpr const char* schemas_and_types = R"sql(
SELECT 0 AS rank, s.oid::bigint AS number, 'schema' AS kind, quote_ident(s.nspname) AS name, NULL::text AS parent,
  NULL::text AS form, format('CREATE SCHEMA %I', s.nspname) AS "create", format('DROP SCHEMA %I', s.nspname) AS "drop",
  NULL::text AS parts
FROM space s, hidden h WHERE s.nspname = 'public' OR NOT EXISTS (
  SELECT FROM unnest(h.names) one (name) WHERE split_part(one.name, '.', 1) = s.nspname AND one.name LIKE '%.%')
UNION ALL
SELECT 1, e.oid::bigint, 'extension', quote_ident(e.extname), NULL, NULL,
  format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname), format('DROP EXTENSION %I', e.extname),
  NULL
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
UNION ALL
SELECT 2, t.oid::bigint, 'enum', format('%I.%I', s.nspname, t.typname), NULL, NULL,
  format('CREATE TYPE %I.%I AS ENUM (%s)', s.nspname, t.typname, l.labels),
  format('DROP TYPE %I.%I', s.nspname, t.typname), l.parts
FROM pg_type t JOIN space s ON s.oid = t.typnamespace CROSS JOIN LATERAL (
  SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) AS labels,
    json_agg(e.enumlabel ORDER BY e.enumsortorder)::text AS parts FROM pg_enum e WHERE e.enumtypid = t.oid) l
WHERE t.typtype = 'e' AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
UNION ALL
SELECT 2, t.oid::bigint, 'domain', format('%I.%I', s.nspname, t.typname), NULL, NULL,
  format('CREATE DOMAIN %I.%I AS %s', s.nspname, t.typname, format_type(t.typbasetype, t.typtypmod)) ||
    CASE WHEN t.typcollation <> b.typcollation AND t.typcollation <> 0 THEN ' COLLATE ' || (
      SELECT format('%I.%I', n.nspname, k.collname) FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace
      WHERE k.oid = t.typcollation) ELSE '' END || coalesce(' DEFAULT ' || t.typdefault, '') ||
    CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END || coalesce((
      SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
      FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), ''),
  format('DROP DOMAIN %I.%I', s.nspname, t.typname), NULL
FROM pg_type t JOIN space s ON s.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
UNION ALL
SELECT 2, r.oid::bigint, 'composite type', r.name, NULL, NULL,
  format(E'CREATE TYPE %s AS (\n  %s\n)', r.name, l.columns), format('DROP TYPE %s', r.name), NULL
FROM rel r LEFT JOIN listed l ON l.relid = r.oid WHERE r.relkind = 'c'
UNION ALL
SELECT 2, t.oid::bigint, 'range', format('%I.%I', s.nspname, t.typname), NULL, NULL,
  format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s, SUBTYPE_OPCLASS = %I.%I', s.nspname, t.typname,
    format_type(g.rngsubtype, NULL), n.nspname, o.opcname) ||
    coalesce(', COLLATION = ' || (SELECT format('%I.%I', kn.nspname, k.collname) FROM pg_collation k
      JOIN pg_namespace kn ON kn.oid = k.collnamespace WHERE k.oid = g.rngcollation AND k.collname <> 'default'), '') ||
    CASE WHEN g.rngcanonical <> 0 THEN ', CANONICAL = ' || g.rngcanonical::regproc ELSE '' END ||
    CASE WHEN g.rngsubdiff <> 0 THEN ', SUBTYPE_DIFF = ' || g.rngsubdiff::regproc ELSE '' END || ')',
  format('DROP TYPE %I.%I', s.nspname, t.typname), NULL
FROM pg_range g JOIN pg_type t ON t.oid = g.rngtypid JOIN space s ON s.oid = t.typnamespace
JOIN pg_opclass o ON o.oid = g.rngsubopc JOIN pg_namespace n ON n.oid = o.opcnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
)sql";

constexpr const char* routines_and_sequences = R"sql(
UNION ALL
SELECT CASE WHEN p.prokind = 'a' THEN 4 ELSE 3 END, p.oid::bigint,
  CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
  format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), NULL, NULL,
  CASE WHEN p.prokind <> 'a' THEN rtrim(pg_get_functiondef(p.oid), E'\n') ELSE (
    SELECT format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s', s.nspname, p.proname,
      coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*'), g.aggtransfn::regproc,
      format_type(g.aggtranstype, NULL)) ||
      CASE WHEN g.aggfinalfn <> 0 THEN ', FINALFUNC = ' || g.aggfinalfn::regproc ELSE '' END ||
      CASE WHEN g.aggcombinefn <> 0 THEN ', COMBINEFUNC = ' || g.aggcombinefn::regproc ELSE '' END ||
      coalesce(', INITCOND = ' || quote_literal(g.agginitval), '') ||
      CASE WHEN g.aggsortop <> 0 THEN ', SORTOP = ' || g.aggsortop::regoper ELSE '' END ||
      CASE p.proparallel WHEN 's' THEN ', PARALLEL = SAFE' WHEN 'r' THEN ', PARALLEL = RESTRICTED' ELSE '' END || ')'
    FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END,
  format('DROP %s %I.%I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END,
    s.nspname, p.proname, coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''),
    CASE WHEN p.prokind = 'a' THEN '*' ELSE '' END)), NULL
FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
    AND d.deptype = 'i')
UNION ALL
SELECT 5, r.oid::bigint, 'sequence', r.name, NULL, NULL,
  format('CREATE SEQUENCE %s AS %s %s', r.name, q.type, q.options), format('DROP SEQUENCE %s', r.name), NULL
FROM rel r JOIN seq q ON q.seqrelid = r.oid
WHERE r.relkind = 'S' AND NOT EXISTS (SELECT FROM owned o WHERE o.objid = r.oid AND o.deptype = 'i')
UNION ALL
SELECT 7, r.oid::bigint, 'sequence owner', r.name, 'sequence ' || r.name, NULL,
  format('ALTER SEQUENCE %s OWNED BY %s.%I', r.name, t.name, a.attname),
  format('ALTER SEQUENCE %s OWNED BY NONE', r.name), NULL
FROM rel r JOIN owned o ON o.objid = r.oid AND o.deptype = 'a' JOIN rel t ON t.oid = o.refobjid
JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid WHERE r.relkind = 'S'
)sql";

constexpr const char* tables = R"sql(
UNION ALL
SELECT 6, r.oid::bigint, 'table', r.name, NULL,
  h.start || ' TABLE ' || r.name || h.finish, h.start || ' TABLE ' || r.name || ' (' ||
    coalesce(E'\n  ' || l.columns || E'\n', '') || ')' || h.finish,
  format('DROP %sTABLE %s', CASE WHEN r.relkind = 'f' THEN 'FOREIGN ' ELSE '' END, r.name), NULL
FROM rel r LEFT JOIN listed l ON l.relid = r.oid CROSS JOIN LATERAL (
  SELECT 'CREATE' || CASE WHEN r.relkind = 'f' THEN ' FOREIGN' WHEN r.relpersistence = 'u' THEN ' UNLOGGED' ELSE ''
      END AS start,
    CASE WHEN r.relispartition THEN '' ELSE coalesce(' INHERITS (' || (
      SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY i.inhseqno) FROM pg_inherits i
      JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE i.inhrelid = r.oid) || ')', '') END ||
    CASE WHEN r.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(r.oid) ELSE '' END ||
    coalesce(' WITH (' || (SELECT string_agg(o.option, ', ' ORDER BY o.option) FROM unnest(r.reloptions) o (option))
      || ')', '') ||
    coalesce((SELECT format(' SERVER %I', v.srvname) || coalesce(' OPTIONS (' || (
        SELECT string_agg(format('%I %L', split_part(o.option, '=', 1), substr(o.option, strpos(o.option, '=') + 1)),
          ', ' ORDER BY o.option) FROM unnest(f.ftoptions) o (option)) || ')', '')
      FROM pg_foreign_table f JOIN pg_foreign_server v ON v.oid = f.ftserver WHERE f.ftrelid = r.oid), '') AS finish) h
WHERE r.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 6, r.oid::bigint, 'column order', r.name, 'table ' || r.name, coalesce(l.names, ''), NULL, NULL,
  l.name_list
FROM rel r LEFT JOIN listed l ON l.relid = r.oid WHERE r.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 6, d.relid::bigint, 'column', d.relname || '.' || d.name, 'table ' || d.relname, d.definition,
  format('ALTER TABLE %s ADD COLUMN %s', d.relname, d.definition),
  format('ALTER TABLE %s DROP COLUMN %s', d.relname, d.name),
  json_build_array(d.relname, d.name, d.type, coalesce(d.collated, ''), coalesce(d.initial, ''),
    coalesce(d.identity, ''), coalesce(d.generated, ''), CASE WHEN d.not_null THEN 'NOT NULL' ELSE '' END)::text
FROM defined d WHERE d.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 7, r.oid::bigint, 'partition', r.name, 'table ' || r.name, NULL,
  format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %s %s', n.nspname, c.relname, r.name,
    pg_get_expr(r.relpartbound, r.oid)),
  format('ALTER TABLE ONLY %I.%I DETACH PARTITION %s', n.nspname, c.relname, r.name), NULL
FROM rel r JOIN pg_inherits i ON i.inhrelid = r.oid JOIN pg_class c ON c.oid = i.inhparent
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.relispartition AND r.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 8, r.oid::bigint, 'row security', r.name, 'table ' || r.name, NULL,
  concat_ws(E';\n', CASE WHEN r.relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', r.name) END,
    CASE WHEN r.relforcerowsecurity THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', r.name) END),
  format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', r.name), NULL
FROM rel r WHERE r.relrowsecurity OR r.relforcerowsecurity
UNION ALL
SELECT 8, r.oid::bigint, 'replica identity', r.name, 'table ' || r.name, NULL,
  format('ALTER TABLE %s REPLICA IDENTITY %s', r.name, CASE r.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END),
  format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', r.name), NULL
FROM rel r WHERE r.relkind IN ('r', 'p') AND r.relreplident IN ('f', 'n')
)sql";

// What a partition has from its parent comes with the parent: it is compared and never made by itself.
// Foreign keys of partitions are not even compared: the server names them anew; nor is whether an inherited
// check is validated: pg_dump does not keep it.
constexpr const char* constraints_and_indexes = R"sql(
UNION ALL
SELECT CASE WHEN k.contype = 'f' THEN 11 ELSE 8 END, k.oid::bigint, 'constraint', format('%s.%I', r.name, k.conname),
  'table ' || r.name, CASE WHEN k.coninhcount > 0 THEN regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
    ELSE pg_get_constraintdef(k.oid) END, CASE WHEN k.conparentid = 0 AND (k.conislocal OR k.coninhcount = 0)
    AND NOT (r.relispartition AND k.contype = 'c')
    THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.name, k.conname, pg_get_constraintdef(k.oid)) END,
  CASE WHEN k.conparentid = 0 AND (k.conislocal OR k.coninhcount = 0)
    THEN format('ALTER TABLE %s DROP CONSTRAINT %I', r.name, k.conname) END, NULL
FROM pg_constraint k JOIN rel r ON r.oid = k.conrelid
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT (k.contype = 'f' AND k.conparentid <> 0)
UNION ALL
SELECT 10, x.indexrelid::bigint, 'index', format('%I.%I', n.nspname, c.relname),
  CASE r.relkind WHEN 'm' THEN 'materialized view ' ELSE 'table ' END || r.name,
  pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' -- INVALID' END,
  CASE WHEN NOT c.relispartition THEN replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ') END,
  CASE WHEN NOT c.relispartition THEN format('DROP INDEX %I.%I', n.nspname, c.relname) END, NULL
FROM pg_index x JOIN rel r ON r.oid = x.indrelid JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = x.indrelid
  AND k.contype IN ('p', 'u', 'x'))
)sql";

constexpr const char* views_triggers_and_rest = R"sql(
UNION ALL
SELECT 9, r.oid::bigint, CASE r.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, r.name, NULL, NULL,
  CASE r.relkind WHEN 'm' THEN 'CREATE MATERIALIZED VIEW ' ELSE 'CREATE VIEW ' END || r.name ||
    coalesce(' WITH (' || (SELECT string_agg(o.option, ', ' ORDER BY o.option) FROM unnest(r.reloptions) o (option))
      || ')', '') || E' AS\n' || rtrim(pg_get_viewdef(r.oid), ';') ||
    CASE r.relkind WHEN 'm' THEN E'\n  WITH NO DATA' ELSE '' END,
  CASE r.relkind WHEN 'm' THEN 'DROP MATERIALIZED VIEW ' ELSE 'DROP VIEW ' END || r.name, NULL
FROM rel r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT 12, t.oid::bigint, 'trigger', format('%I on %s', t.tgname, r.name),
  CASE r.relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || r.name, NULL,
  pg_get_triggerdef(t.oid) || CASE WHEN t.tgenabled = 'O' THEN '' ELSE format(E';\nALTER TABLE %s %s TRIGGER %I',
    r.name, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
    t.tgname) END, format('DROP TRIGGER %I ON %s', t.tgname, r.name), NULL
FROM pg_trigger t JOIN rel r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0
UNION ALL
SELECT 12, u.oid::bigint, 'rule', format('%I on %s', u.rulename, r.name),
  CASE r.relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || r.name, NULL, rtrim(pg_get_ruledef(u.oid), ';'),
  format('DROP RULE %I ON %s', u.rulename, r.name), NULL
FROM pg_rewrite u JOIN rel r ON r.oid = u.ev_class WHERE u.rulename <> '_RETURN'
UNION ALL
SELECT 12, p.oid::bigint, 'policy', format('%I on %s', p.polname, r.name), 'table ' || r.name, NULL,
  format('CREATE POLICY %I ON %s%s FOR %s TO %s', p.polname, r.name,
    CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
      ELSE 'ALL' END,
    (SELECT string_agg(CASE WHEN o.oid = 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(o.oid)) END, ', ' ORDER BY
      CASE WHEN o.oid = 0 THEN 'public' ELSE pg_get_userbyid(o.oid) END) FROM unnest(p.polroles) o (oid))) ||
    coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') ||
    coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
  format('DROP POLICY %I ON %s', p.polname, r.name), NULL
FROM pg_policy p JOIN rel r ON r.oid = p.polrelid
UNION ALL
SELECT 12, x.oid::bigint, 'statistics', format('%I.%I', s.nspname, x.stxname), 'table ' || r.name, NULL,
  pg_get_statisticsobjdef(x.oid), format('DROP STATISTICS %I.%I', s.nspname, x.stxname), NULL
FROM pg_statistic_ext x JOIN space s ON s.oid = x.stxnamespace JOIN rel r ON r.oid = x.stxrelid
UNION ALL
SELECT 13, v.oid::bigint, 'event trigger', quote_ident(v.evtname), NULL, NULL,
  format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', v.evtname, v.evtevent, coalesce(' WHEN TAG IN (' || (
    SELECT string_agg(quote_literal(g.tag), ', ' ORDER BY g.tag) FROM unnest(v.evttags) g (tag)) || ')', ''),
    v.evtfoid::regproc) || CASE v.evtenabled WHEN 'O' THEN '' ELSE format(E';\nALTER EVENT TRIGGER %I %s', v.evtname,
    CASE v.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END) END,
  format('DROP EVENT TRIGGER %I', v.evtname), NULL
FROM pg_event_trigger v
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = v.oid)
UNION ALL
SELECT 14, d.objoid::bigint, 'comment', i.what || ' ' || i.identity, NULL, NULL,
  format('COMMENT ON %s %s IS %L', i.what, i.identity, d.description),
  format('COMMENT ON %s %s IS NULL', i.what, i.identity), NULL
FROM pg_description d CROSS JOIN LATERAL (
  SELECT CASE o.type WHEN 'table column' THEN 'COLUMN' WHEN 'view column' THEN 'COLUMN'
      WHEN 'materialized view column' THEN 'COLUMN' WHEN 'foreign table column' THEN 'COLUMN'
      WHEN 'table constraint' THEN 'CONSTRAINT' WHEN 'domain constraint' THEN 'CONSTRAINT'
      WHEN 'composite type' THEN 'TYPE' ELSE upper(o.type) END AS what, o.identity, o.schema, o.type
  FROM pg_identify_object(d.classoid, d.objoid, d.objsubid) o) i
WHERE d.classoid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass,
    'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass, 'pg_namespace'::regclass)
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = d.classoid AND m.objid = d.objoid)
  AND (d.classoid <> 'pg_class'::regclass OR NOT EXISTS (SELECT FROM veiled v WHERE v.oid = d.objoid))
  AND (i.schema IS NULL AND i.identity IN (SELECT quote_ident(nspname) FROM space)
         AND d.description <> 'standard public schema'
       OR i.schema IN (SELECT nspname FROM space)
       OR d.classoid = 'pg_constraint'::regclass AND EXISTS (
         SELECT FROM pg_constraint k JOIN rel r ON r.oid = k.conrelid WHERE k.oid = d.objoid)
       OR d.classoid = 'pg_trigger'::regclass AND EXISTS (
         SELECT FROM pg_trigger t JOIN rel r ON r.oid = t.tgrelid WHERE t.oid = d.objoid)
       OR d.classoid = 'pg_policy'::regclass AND EXISTS (
         SELECT FROM pg_policy p JOIN rel r ON r.oid = p.polrelid WHERE p.oid = d.objoid)
       OR d.classoid = 'pg_rewrite'::regclass AND EXISTS (
         SELECT FROM pg_rewrite u JOIN rel r ON r.oid = u.ev_class WHERE u.oid = d.objoid))
)sql";

}  // namespace

std::string postgres_catalog_query(const std::string& hidden_array) {
  std::string query = "WITH hidden AS (SELECT " + hidden_array + " AS names),";
  for (const char* part : {scope, schemas_and_types, routines_and_sequences, tables, constraints_and_indexes,
                           views_triggers_and_rest})
    query += part;
  return query + "ORDER BY 1, 2, 3, 4";
}

}  // namespace godwit::schema
