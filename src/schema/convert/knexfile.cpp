// A knexfile is a program: node runs it, in a world where each variable of the environment that it reads is
// noted, so that what comes out of one is written as a reference to it.
#include "base/text.h"
#include "os/child_process.h"
#include "os/files.h"
#include "schema/convert/address.h"
#include "schema/convert/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::schema {

namespace {

using Json = nlohmann::json;

// Before the document: a knexfile may print things of its own.
constexpr std::string_view marker = "\x01godwit\n";

// A variable that is not set stands for itself ("${env:NAME}"), so that the file's own default does not hide
// it; those of URLs and switches do so only in a second reading, for addresses that the first one left empty:
// a file chooses by them.
constexpr std::string_view program = R"js(
const path = require('path'), url = require('url');
const file = path.resolve(process.argv[1]);
process.chdir(path.dirname(file));
const real = {...process.env}, seen = new Map(), unset = new Set(), ports = new Map();
const own = /^(USER|HOME|PATH|PWD|LOGNAME|HOSTNAME|SHELL|TERM|DOTENV.*|NODE_.*|npm_.*)$/;
const field = /pass|pwd|secret|host|user|name|database$|_db$/i, address = /ur[li]$/i;
let second = false;
process.env = new Proxy(real, {
  get(target, name) {
    const value = target[name];
    if (typeof name !== 'string' || own.test(name)) return value;
    if (value !== undefined && value !== '') { seen.set(value, name); return value; }
    unset.add(name);
    // A port may be computed with: a number that no database has stands for it.
    if (/port$/i.test(name)) {
      if (!ports.has(name)) ports.set(name, String(1000000 + ports.size));
      seen.set(ports.get(name), name);
      return ports.get(name);
    }
    if (address.test(name) ? second : field.test(name)) return '${env:' + name + '}';
    return value;
  },
  set(target, name, value) { target[name] = String(value); return true; },
});
async function load() {
  let found;
  if (file.endsWith('.mjs')) {
    found = (await import(url.pathToFileURL(file) + (second ? '?again' : ''))).default;
  } else {
    delete require.cache[file];
    try { found = require(file); } catch (problem) {
      if (problem.code !== 'ERR_REQUIRE_ESM') throw problem;
      found = (await import(url.pathToFileURL(file) + (second ? '?again' : ''))).default;
    }
  }
  if (found && found.default) found = found.default;
  if (typeof found === 'function') found = await found();
  return found.client ? {development: found} : found;
}
const text = value => value === undefined || value === null || Number.isNaN(value) ? null
  : seen.has(String(value)) ? '${env:' + seen.get(String(value)) + '}' : String(value);
async function connection(config) {
  let given = config.connection;
  if (typeof given === 'function') given = await given();
  if (given === undefined || given === null) return {};
  if (typeof given === 'string') return {url: text(given)};
  if (given.connectionString) return {url: text(given.connectionString), ssl: given.ssl};
  return {host: text(given.host), port: text(given.port), user: text(given.user), password: text(given.password),
          database: text(given.database), filename: text(given.filename), ssl: given.ssl};
}
(async () => {
  const out = [];
  const configs = await load();
  const parts = {};
  for (const name of Object.keys(configs)) parts[name] = await connection(configs[name] || {});
  const empty = parts => !parts.url && !parts.host && !parts.filename;
  if (Object.values(parts).some(empty)) {
    second = true;
    let again = {};
    try { again = await load(); } catch (problem) { }
    for (const name of Object.keys(parts)) if (empty(parts[name]) && again[name]) parts[name] = await connection(again[name]);
  }
  for (const name of Object.keys(configs)) {
    const config = configs[name] || {}, migrations = config.migrations || {}, ssl = parts[name].ssl;
    out.push({name, client: String(config.client || ''), ...parts[name],
      ssl: !ssl ? 'none' : ssl === true || ssl.rejectUnauthorized !== false ? 'verified' : 'unverified',
      ca: !!(ssl && ssl.ca), searchPath: [].concat(config.searchPath || [])[0] || '',
      directory: [].concat(migrations.directory || './migrations'), table: migrations.tableName || '',
      schema: migrations.schemaName || '', extensions: migrations.loadExtensions || []});
  }
  process.stdout.write('\x01godwit\n' + JSON.stringify({environments: out, unset: [...unset],
    seen: [...seen.values()].filter(name => !unset.has(name)), urls: [...seen.values()].filter(name => address.test(name))}));
})().catch(problem => { process.stderr.write(String(problem && problem.message || problem)); process.exitCode = 1; });
)js";

Error by_hand(const std::string& why, const std::string& file) {
  return make_error(
      ErrorKind::config, why,
      fmt::format("write godwit.yml by hand, from what {} says: databases: {{app: {{migrations: "
                  "{{directory: migrations, format: knex}}, environments: {{development: {{url: "
                  "\"${{env:DATABASE_URL}}\"}}, test: {{host: …, port: …, database: …, user: …, "
                  "password: \"${{env:DB_PASSWORD}}\"}}}}}}}}",
                  file.substr(file.rfind('/') + 1)));
}

// `variables`: those that it may see, besides what every program needs.
Result<Json> run(const std::string& file, const Services& services,
                 const std::vector<std::string>& variables) {
  os::ChildOptions options;
  options.arguments = {"node", "-e", std::string(program), file};
  options.cancel = services.cancel;
  options.environment = {{"PATH", services.variable("PATH").value_or("/usr/bin:/bin")},
                         {"HOME", services.variable("HOME").value_or("/")}};
  for (const std::string& name : variables) {
    if (const auto value = services.variable(name)) options.environment.emplace_back(name, *value);
  }
  auto outcome = os::run_child(options);
  if (!outcome.ok())
    return by_hand("a knexfile is a program, and node, which would run it, cannot be started", file);
  if (outcome->exit_code == 127)
    return by_hand("a knexfile is a program, and there is no node here to run it", file);
  const size_t begin = outcome->output.rfind(marker);
  if (outcome->exit_code != 0 || begin == std::string::npos) {
    const std::string reason = split(outcome->errors, '\n')[0];
    return by_hand(fmt::format("{} cannot be run: {}", file, reason), file);
  }
  Json document = Json::parse(outcome->output.substr(begin + marker.size()), nullptr, false);
  if (document.is_discarded()) return by_hand(file + " said something that is not understood", file);
  return document;
}

// Twice: the first reading says of which variables the file asks, the second sees those that are set.
Result<Json> read(const std::string& file, const Services& services) {
  ASSIGN_OR_RETURN(Json document, run(file, services, {}));
  std::vector<std::string> wanted;
  for (const Json& name : document["unset"]) {
    if (services.variable(name.get<std::string>())) wanted.push_back(name.get<std::string>());
  }
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(document, run(file, services, wanted));
  }
  return document;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_reference(const std::string& text) {
  return text.starts_with("${env:") && text.find('}') == text.size() - 1;
}

void set_port(const std::string& port, StoreEnvironmentSettings& address) {
  if (is_reference(port)) {
    address.port_reference.written = port;
  } else if (!port.empty()) {
    address.port = std::atoi(port.c_str());
  }
}

void set_fields(const Json& said, Conversion& conversion, StoreEnvironmentSettings& address) {
  address.host.written = text_of(said, "host").empty() ? "localhost" : text_of(said, "host");
  set_port(text_of(said, "port"), address);
  address.database.written = text_of(said, "database");
  address.user.written = text_of(said, "user");
  address.password.written = text_of(said, "password");
  if (!address.password.empty() && !is_reference(address.password.written)) {
    address.password.written = "${env:DB_PASSWORD}";
    conversion.notes.push_back(
        "a password stands in the knexfile, or comes from no variable: it was not copied; set "
        "DB_PASSWORD");
  }
  const std::string ssl = text_of(said, "ssl");
  address.tls_given = true;
  address.tls = ssl == "none"       ? TlsMode::disable
                : ssl == "verified" ? TlsMode::verify_full
                                    : TlsMode::require;
  const std::string name = text_of(said, "name");
  if (ssl != "verified")
    conversion.notes.push_back(
        fmt::format("{}: tls: {} is how Knex connected so far, and does not prove who the "
                    "server is; verify-full does",
                    name, to_string(address.tls)));
  if (said.value("ca", false))
    conversion.notes.push_back(name +
                               ": ssl.ca is not carried over: name the file with tls_root_certificate");
}

// The URL of a variable stays that variable's.
bool set_url(const Json& said, const Json& urls, Conversion& conversion, StoreEnvironmentSettings& address) {
  const std::string url = text_of(said, "url"), name = text_of(said, "name");
  if (!is_reference(url) && urls.size() != 1)
    return read_database_url(url, "DB_PASSWORD", "the knexfile", address, conversion.notes);
  address.url.written = is_reference(url) ? url : fmt::format("${{env:{}}}", urls[0].get<std::string>());
  if (!is_reference(url))
    conversion.notes.push_back(name +
                               ": the knexfile changes the URL of the variable before it connects; godwit "
                               "takes it as it is");
  conversion.notes.push_back(
      fmt::format("{}: whether it is encrypted says the sslmode of {}; without one the server has "
                  "to prove itself",
                  name, address.url.written));
  return true;
}

void add_environment(const Json& said, const Json& document, Conversion& conversion) {
  const std::string client = text_of(said, "client"), name = text_of(said, "name");
  const Json& urls = document["urls"];
  StoreEnvironmentSettings address;
  bool known = false;
  if (client.starts_with("pg") || client.starts_with("postgres")) {
    known = true;
    if (!text_of(said, "url").empty()) {
      known = set_url(said, urls, conversion, address);
    } else if (!text_of(said, "database").empty()) {
      set_fields(said, conversion, address);
    } else {
      known = false;
    }
    if (known) address.schema = text_of(said, "searchPath");
  } else if (client.find("sqlite3") != std::string::npos) {
    address.path.written = text_of(said, "filename");
    known = !address.path.empty() && address.path.written != ":memory:";
  }
  auto& environments = conversion.database.store.environments;
  const bool same_kind =
      environments.empty() || environments.begin()->second.path.empty() == address.path.empty();
  if (known && same_kind) {
    environments[name] = std::move(address);
  } else {
    conversion.notes.push_back(
        fmt::format("environment {} ({}) is left out: {}", name, client.empty() ? "no client" : client,
                    known ? "a database has one kind everywhere" : "its address is not known"));
  }
}

}  // namespace

Result<Conversion> convert_knexfile(const std::string& file, const Services& services) {
  if (file.ends_with(".ts")) return by_hand("a knexfile in TypeScript is not run by node", file);
  ASSIGN_OR_RETURN(const Json document, read(file, services));
  Conversion conversion;
  const std::string folder = os::parent_folder(file);
  conversion.project = folder.substr(folder.rfind('/') + 1);
  MigrationsSettings& migrations = conversion.database.migrations;
  migrations.tool = "knex";
  const Json* first = nullptr;
  for (const Json& said : document["environments"]) {
    add_environment(said, document, conversion);
    if (first == nullptr) first = &said;
    if (said["directory"] != (*first)["directory"] || said["table"] != (*first)["table"])
      conversion.notes.push_back(text_of(said, "name") + " has other migrations than " +
                                 text_of(*first, "name") + ": those of the first are taken");
  }
  if (first == nullptr) return by_hand(file + " has no environment", file);
  const Json& directories = (*first)["directory"];
  migrations.directory =
      below_folder(folder, directories.empty() ? "migrations" : directories[0].get<std::string>());
  if (directories.size() > 1)
    conversion.notes.push_back("of several folders of migrations only the first is read");
  const std::string table = text_of(*first, "table");
  if (table != "knex_migrations") migrations.table = table;
  migrations.schema = text_of(*first, "schema");
  std::vector<std::string> unset;
  for (const Json& name : document["unset"])
    unset.push_back(name.get<std::string>());
  std::sort(unset.begin(), unset.end());
  std::vector<std::string> elsewhere;
  for (const Json& name : document["seen"]) {
    if (!services.variable(name.get<std::string>())) elsewhere.push_back(name.get<std::string>());
  }
  if (!elsewhere.empty())
    conversion.notes.push_back(
        "set by the knexfile itself, from a file such as .env, which godwit does not read: " +
        join(elsewhere, ", "));
  if (!unset.empty())
    conversion.notes.push_back(
        "not set while the knexfile was read, so that its own defaults are not in godwit.yml: " +
        join(unset, ", "));
  return conversion;
}

}  // namespace godwit::schema
