#include "schema/catalog/rights.h"

#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace godwit::schema {

namespace {

using Json = nlohmann::json;
constexpr int rights_version = 1;

// Names are qualified, types of arguments too: nothing depends on the search path. acldefault is what an
// object has whose privileges nobody touched.
constexpr const char* query = R"sql((WITH
member AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
space AS (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace n
  WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'godwit' AND NOT EXISTS (
    SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid)),
thing AS (
  SELECT 'SCHEMA' AS word, 'SCHEMA' AS grant_word, quote_ident(nspname) AS name, nspowner AS owner, nspacl AS acl,
    acldefault('n', nspowner) AS usual, false AS follows FROM space
  UNION ALL
  SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
    WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
    format('%I.%I', s.nspname, c.relname), c.relowner, c.relacl,
    acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner),
    c.relkind = 'S' AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
      AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
  FROM pg_catalog.pg_class c JOIN space s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
    SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid)
  UNION ALL
  SELECT w.word, w.word, format('%I.%I(%s)', s.nspname, p.proname, (
      SELECT string_agg(format('%I.%I', tn.nspname, t.typname), ', ' ORDER BY a.place)
      FROM unnest(p.proargtypes) WITH ORDINALITY a (type, place) JOIN pg_catalog.pg_type t ON t.oid = a.type
      JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace)), p.proowner, p.proacl, acldefault('f', p.proowner), false
  FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace CROSS JOIN LATERAL (
    SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'ROUTINE' ELSE 'FUNCTION' END) w (word)
  WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid)),
target AS (
  SELECT word || ' ' || name AS parent, '' AS head, '' AS suffix, grant_word || ' ' || name AS name, acl, usual
  FROM thing WHERE acl IS NOT NULL
  UNION ALL
  SELECT t.word || ' ' || t.name, '', format(' (%I)', a.attname), t.grant_word || ' ' || t.name, a.attacl, NULL
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN space s ON s.oid = c.relnamespace
  JOIN thing t ON t.name = format('%I.%I', s.nspname, c.relname) AND t.grant_word = 'TABLE'
  WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
  UNION ALL
  SELECT NULL, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s ', pg_get_userbyid(d.defaclrole),
      coalesce((SELECT format(' IN SCHEMA %I', n.nspname) FROM pg_catalog.pg_namespace n WHERE n.oid = d.defaclnamespace), '')),
    '', CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
      ELSE 'SCHEMAS' END, d.defaclacl,
    CASE WHEN d.defaclnamespace = 0
      THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) END
  FROM pg_catalog.pg_default_acl d),
given AS (
  SELECT t.parent, t.head, t.name, x.privilege_type || t.suffix AS privilege, x.is_grantable,
    CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS grantee, x.taken
  FROM target t CROSS JOIN LATERAL (
    (SELECT grantee, privilege_type, is_grantable, false AS taken FROM aclexplode(t.acl)
     EXCEPT SELECT grantee, privilege_type, is_grantable, false FROM aclexplode(t.usual))
    UNION ALL
    (SELECT grantee, privilege_type, is_grantable, true FROM aclexplode(t.usual)
     EXCEPT SELECT grantee, privilege_type, is_grantable, true FROM aclexplode(t.acl))) x),
line AS (
  SELECT 'owner' AS kind, word || ' ' || name AS name, NULL AS parent,
    CASE WHEN follows THEN '-- its owner is that of its table'
      ELSE format('ALTER %s %s OWNER TO %I', word, name, pg_get_userbyid(owner)) END AS form, NULL AS undo FROM thing
  UNION ALL
  SELECT CASE WHEN taken THEN 'revoked privilege' ELSE 'privilege' END,
    head || name || CASE WHEN taken THEN ' from ' ELSE ' to ' END || grantee ||
      CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, parent,
    CASE WHEN taken THEN revoked ELSE granted END, CASE WHEN taken THEN granted ELSE revoked END
  FROM (SELECT *, format('%sGRANT %s ON %s TO %s%s', head, list, name, grantee,
        CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS granted,
      format('%sREVOKE %s ON %s FROM %s', head, list, name, grantee) AS revoked
    FROM (SELECT parent, head, name, grantee, is_grantable, taken, string_agg(privilege, ', ' ORDER BY privilege COLLATE "C") AS list
      FROM given GROUP BY 1, 2, 3, 4, 5, 6) grouped) both_ways)
SELECT json_build_object('version', 1, 'rights', coalesce(json_agg(json_build_array(kind, name, parent, form, undo)
  ORDER BY kind COLLATE "C", name COLLATE "C"), '[]'))::text FROM line))sql";

}  // namespace

std::string history_text(const Database& database, const History& history) {
  return literal(fmt::format("{} {}", history.tool(), history.table()), database.dialect());
}

std::string rights_query() {
  return query;
}

Result<Snapshot> parse_rights(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  Snapshot rights;
  try {
    if (json.at("version") != rights_version)
      return make_error(ErrorKind::failed, "the recorded rights have a format of another version of godwit",
                        "use the godwit that recorded them, or a newer one");
    const auto text_of = [](const Json& one) {
      return one.is_null() ? std::string() : one.get<std::string>();
    };
    for (const Json& row : json.at("rights")) {
      CatalogObject object;
      object.kind = text_of(row.at(0));
      object.name = text_of(row.at(1));
      object.parent = text_of(row.at(2));
      object.form = object.create = text_of(row.at(3));
      object.drop = text_of(row.at(4));
      rights.objects.push_back(std::move(object));
    }
  } catch (const Json::exception&) {
    return make_error(ErrorKind::failed, "the recorded rights cannot be read");
  }
  return rights;
}

Snapshot of_common_objects(const Snapshot& rights, const Snapshot& other) {
  std::set<std::string> known;
  for (const CatalogObject& object : other.objects) {
    if (object.kind == "owner") known.insert(object.name);
  }
  Snapshot common;
  for (CatalogObject object : rights.objects) {
    const std::string& of = object.kind == "owner" ? object.name : object.parent;
    if (!of.empty() && !known.contains(of)) continue;
    object.parent.clear();  // it is told by itself
    common.objects.push_back(std::move(object));
  }
  return common;
}

}  // namespace godwit::schema
