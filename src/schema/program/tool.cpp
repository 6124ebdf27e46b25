#include "schema/program/tool.h"

#include "base/text.h"
#include "connect/postgres/endpoint.h"
#include "os/files.h"
#include "pg/options.h"

#include <fmt/format.h>

#include <map>

namespace godwit::schema {

namespace {

// What programs of Python and Node need to find themselves, and nothing that a project made up.
constexpr const char* usual_variables[] = {
    "PATH", "HOME",        "USER",       "LANG",     "LC_ALL",       "LC_CTYPE",  "TMPDIR",
    "TZ",   "VIRTUAL_ENV", "PYTHONPATH", "NODE_ENV", "NODE_OPTIONS", "NODE_PATH", "SYSTEMROOT"};

std::string with_user(const std::map<std::string, std::string>& options, bool password) {
  const auto user = options.find("PGUSER");
  if (user == options.end()) return {};
  std::string text = percent_encode(user->second);
  const auto secret = options.find("PGPASSWORD");
  if (password && secret != options.end()) text += ":" + percent_encode(secret->second);
  return text + "@";
}

std::string postgres_url(const std::string& scheme, const std::map<std::string, std::string>& options,
                         bool password) {
  const auto value = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  const std::string host = value("PGHOST"), port = value("PGPORT");
  std::string url = scheme + "://" + with_user(options, password);
  const bool socket = host.starts_with('/');
  // Several hosts, and none, are left to the variables.
  const bool plain = !host.empty() && !socket && host.find(',') == std::string::npos;
  if (plain) url += host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (plain && !port.empty()) url += ":" + port;
  url += "/" + percent_encode(value("PGDATABASE"));
  if (socket) url += "?host=" + percent_encode(host) + (port.empty() ? "" : "&port=" + port);
  return url;
}

}  // namespace

std::string in_project(const Target& target, const std::string& written) {
  if (written.empty() || written.starts_with('/') || target.project.empty()) return written;
  return target.project + "/" + written;
}

std::vector<std::string> tool_command(const Target& target, const std::string& usual) {
  std::vector<std::string> command = target.programs.command;
  if (command.empty()) return {usual};
  if (command[0].find('/') != std::string::npos) command[0] = in_project(target, command[0]);
  return command;
}

std::string nearest_file(const std::string& folder, const std::vector<std::string>& names) {
  for (std::string here = os::absolute_path(folder);; here = os::parent_folder(here)) {
    for (const std::string& name : names) {
      if (os::exists(here + "/" + name)) return here + "/" + name;
    }
    if (here.size() <= 1) return {};
  }
}

Result<os::ChildOutcome> call_tool(const ToolCall& call, const Target& target, const Services& services) {
  os::ChildOptions options;
  options.arguments = call.arguments;
  options.folder = call.folder;
  options.cancel = services.cancel;
  options.has_input = !call.input.empty();
  std::map<std::string, std::string> variables;
  const auto take = [&](const std::string& name) {
    if (!services.variable) return;
    if (const auto value = services.variable(name)) variables[name] = *value;
  };
  for (const char* name : usual_variables)
    take(name);
  for (const std::string& name : target.programs.variables)
    take(name);
  for (const auto& [name, value] : call.variables)
    variables[name] = value;
  options.environment.assign(variables.begin(), variables.end());
  return os::run_child(options, call.input.reveal());
}

Result<ToolAddress> tool_address(const StoreEndpoint& endpoint, const std::string& scheme) {
  ToolAddress address;
  if (endpoint.kind == "sqlite") {
    address.plain_url = scheme + ":///" + endpoint.path;
    address.url = Secret(address.plain_url);
    return address;
  }
  pg::ConnectOptions options = connect::postgres::connect_options(endpoint, nullptr);
  options.application_name = "godwit db";
  ASSIGN_OR_RETURN(address.variables, pg::connection_variables(options));
  const std::map<std::string, std::string> known(address.variables.begin(), address.variables.end());
  address.url = Secret(postgres_url(scheme, known, true));
  address.plain_url = postgres_url(scheme, known, false);
  return address;
}

void add_timeouts(const MigrationsSettings& settings, ToolAddress& address) {
  std::string session;
  if (settings.lock_timeout_ms > 0) session += fmt::format(" -c lock_timeout={}", settings.lock_timeout_ms);
  if (settings.statement_timeout_ms > 0)
    session += fmt::format(" -c statement_timeout={}", settings.statement_timeout_ms);
  if (session.empty() || address.variables.empty()) return;
  for (auto& [name, value] : address.variables) {
    if (name != "PGOPTIONS") continue;
    value += session;
    return;
  }
  address.variables.emplace_back("PGOPTIONS", session);
}

Result<PrivateFolder> PrivateFolder::make(const Services& services) {
  const std::string base =
      services.variable ? services.variable("TMPDIR").value_or("/tmp") : std::string("/tmp");
  const std::string path = fmt::format("{}/godwit-{}-{:016x}", base, services.pid, services.random_number());
  if (os::exists(path)) return make_error(ErrorKind::io, path + " is there already");
  RETURN_IF_ERROR(os::make_folder(path));
  return PrivateFolder(path);
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

PrivateFolder::~PrivateFolder() {
  if (!path_.empty()) static_cast<void>(os::remove_all(path_));
}

}  // namespace godwit::schema
