#include "schema/program/knex_runner.h"

#include "base/text.h"
#include "os/files.h"
#include "pg/errors.h"
#include "schema/program/knex_body.h"
#include "schema/program/tool.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace godwit::schema {

namespace {

using Json = nlohmann::ordered_json;

// libpq's words for a connection in those of node-postgres.
Json connection_json(const Variables& variables) {
  const std::map<std::string, std::string> known(variables.begin(), variables.end());
  Json connection = Json::object();
  constexpr std::pair<const char*, const char*> fields[] = {
      {"PGHOST", "host"},         {"PGDATABASE", "database"},        {"PGUSER", "user"},
      {"PGPASSWORD", "password"}, {"PGAPPNAME", "application_name"}, {"PGOPTIONS", "options"}};
  for (const auto& [variable, field] : fields) {
    const auto value = known.find(variable);
    if (value != known.end() && !value->second.empty()) connection[field] = value->second;
  }
  if (const auto port = known.find("PGPORT"); port != known.end()) connection["port"] = port->second;
  const auto mode = known.find("PGSSLMODE");
  const std::string tls = mode == known.end() ? "verify-full" : mode->second;
  // node-postgres cannot try TLS and do without: "prefer" and "allow" do without.
  const bool encrypted = tls == "require" || tls.starts_with("verify-");
  const bool socket = connection.contains("host") && connection["host"].get<std::string>().starts_with('/');
  if (!encrypted || socket) {
    connection["ssl"] = false;
    return connection;
  }
  Json ssl = {{"rejectUnauthorized", tls != "require"}};
  constexpr std::pair<const char*, const char*> files[] = {
      {"PGSSLROOTCERT", "ca"}, {"PGSSLCERT", "cert"}, {"PGSSLKEY", "key"}};
  for (const auto& [variable, field] : files) {
    const auto value = known.find(variable);
    if (value != known.end() && !value->second.empty()) ssl[field] = value->second;
  }
  connection["ssl"] = ssl;
  return connection;
}

class KnexRunner final : public ProgramRunner {
 public:
  KnexRunner(const Target& target, const StoreEndpoint& endpoint, const Services& services)
      : target_(target), endpoint_(endpoint), services_(services) {}

  std::string tool() const override { return "knex"; }
  bool records() const override { return false; }

  Status check() override {
    if (checked_) return {};
    const Migration none;
    ProgramFailure failure;
    Json document = base_document();
    document["direction"] = "none";
    ProgramOrder order;
    order.migration = &none;
    RETURN_IF_ERROR(call(order, std::move(document), failure));
    checked_ = true;
    return {};
  }

  Status run(const ProgramOrder& order, ProgramFailure& failure) override {
    Json document = base_document();
    document["direction"] = order.direction == Direction::up ? "up" : "down";
    document["file"] = target_.directory + "/" + order.migration->file;
    document["before"] = order.before;
    document["record"] = order.record;
    return call(order, std::move(document), failure);
  }

 private:
  Json base_document() const {
    Json document = Json::object();
    document["token"] = fmt::format("godwit-{:016x}", services_.random_number());
    document["kind"] = endpoint_.kind;
    document["environment"] = target_.programs.knex_environment;
    document["knexfile"] =
        target_.programs.knexfile.empty()
            ? nearest_file(target_.directory, {"knexfile.js", "knexfile.cjs", "knexfile.mjs", "knexfile.ts"})
            : in_project(target_, target_.programs.knexfile);
    document["before"] = Json::array();
    document["record"] = Json::array();
    document["file"] = "";
    return document;
  }

  Status call(const ProgramOrder& order, Json document, ProgramFailure& failure) {
    ASSIGN_OR_RETURN(const ToolAddress address,
                     tool_address(endpoint_, endpoint_.kind == "sqlite" ? "sqlite" : "postgresql"));
    const std::string knexfile = document["knexfile"];
    ToolCall call;
    call.folder = knexfile.empty() ? target_.directory : os::parent_folder(knexfile);
    document["folder"] = call.folder;
    if (endpoint_.kind == "sqlite") {
      document["connection"] = {{"filename", endpoint_.path}};
    } else {
      document["connection"] = connection_json(address.variables);
      for (const auto& [name, value] : address.variables)
        if (name == "PGSSLMODE") document["anyName"] = value == "verify-ca";
    }
    const std::string token = document["token"];
    ASSIGN_OR_RETURN(const PrivateFolder folder, PrivateFolder::make(services_));
    const std::string script = folder.path() + "/knex_body.cjs";
    RETURN_IF_ERROR(os::write_file(script, knex_body));
    call.arguments = tool_command(target_, "node");
    call.arguments.push_back(script);
    call.input = Secret(document.dump());
    const std::string& variable = target_.programs.url_variable;
    call.variables = {{variable.empty() ? "DATABASE_URL" : variable, std::string(address.url.reveal())}};
    auto outcome = call_tool(call, target_, services_);
    if (!outcome.ok())
      return outcome.error().kind == ErrorKind::io ? not_started(outcome.error()) : outcome.error();
    return read_answer(order, token, *outcome, failure);
  }

  Error not_started(const Error& why) const {
    Error error =
        make_error(ErrorKind::config,
                   fmt::format("{} holds programs in JavaScript, and '{}' cannot be started: {}",
                               target_.directory, join(tool_command(target_, "node"), " "), why.message),
                   "install Node.js, or say where it is: migrations: {command: /path/to/node}");
    error.where = target_.migrations.where;
    return error;
  }

  Status read_answer(const ProgramOrder& order, const std::string& token, const os::ChildOutcome& outcome,
                     ProgramFailure& failure) {
    const size_t at = outcome.output.rfind("\n" + token + " ");
    const std::string_view said = std::string_view(outcome.output).substr(0, at);
    log_program(order.log, *order.migration, order.direction, said, outcome.errors);
    const Json answer = at == std::string::npos
                            ? Json()
                            : Json::parse(outcome.output.substr(at + token.size() + 2), nullptr, false);
    if (!answer.is_object()) {
      failure.silent = true;
      failure.message = fmt::format("node ended with {} and no answer", outcome.exit_code);
      return make_error(ErrorKind::failed, failure.message);
    }
    if (answer.value("ok", false)) return {};
    return explain(order, answer, failure);
  }

  Status explain(const ProgramOrder& order, const Json& answer, ProgramFailure& failure) {
    const std::string stage = answer.value("stage", ""), message = answer.value("message", "");
    const std::string name = answer.value("name", "Error"), code = answer.value("code", "");
    const bool of_postgres = endpoint_.kind == "postgres" && code.size() == 5;
    // Until the body runs nobody has read a row.
    if (answer.value("refused", false) || stage == "open") {
      Error error = make_error(ErrorKind::config, message);
      if (of_postgres) error.sqlstate = code;
      error.where = target_.migrations.where;
      failure.message = message;
      return error;
    }
    const std::string path = target_.directory + "/" + order.migration->file;
    const auto source = os::read_file(path);
    failure.transactional = answer.value("transactional", true);
    if (of_postgres) failure.sqlstate = code;
    const bool names_only = stage == "load" || (of_postgres && !pg::may_quote_values(code));
    failure.message = told_message(message, name, source.ok() ? *source : "", !names_only);
    if (stage == "record") failure.message = "its row cannot be written: " + failure.message;
    failure.where = {path, answer["where"].value("line", 0), answer["where"].value("column", 0)};
    return make_error(failure.sqlstate == "55P03" ? ErrorKind::locked : ErrorKind::failed, failure.message);
  }

  const Target& target_;
  const StoreEndpoint& endpoint_;
  const Services& services_;
  bool checked_ = false;
};

}  // namespace

std::unique_ptr<ProgramRunner> make_knex_runner(const Target& target, const StoreEndpoint& endpoint,
                                                const Services& services) {
  return std::make_unique<KnexRunner>(target, endpoint, services);
}

}  // namespace godwit::schema
