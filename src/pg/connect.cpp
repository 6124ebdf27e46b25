// Opening a connection: where it goes, how it is encrypted, which settings are pinned.

#include "base/text.h"
#include "pg/errors.h"
#include "pg/options.h"
#include "pg/session.h"
#include "pg/session_state.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <map>
#include <vector>

namespace godwit::pg {
namespace {

constexpr int64_t cancel_look_every_ms = 100;
// With SQLSTATE verbosity a refusal of the server ends in "FATAL:  28P01", in whatever language it speaks.
std::string sqlstate_at_end(std::string_view message) {
  message = trim(message);
  if (message.size() < 8 || message.substr(message.size() - 8, 3) != ":  ") return {};
  const std::string_view code = message.substr(message.size() - 5);
  for (const char c : code) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'A' || c > 'Z')) return {};
  }
  return std::string(code);
}

Error connect_error(PGconn* connection, const std::string& where) {
  const std::string message = libpq().PQerrorMessage(connection);
  const std::string sqlstate = sqlstate_at_end(message);
  if (!sqlstate.empty()) {
    ErrorFields fields;
    fields.sqlstate = sqlstate;
    Error refused = error_from(fields);
    if (refused.kind == ErrorKind::failed) refused.kind = ErrorKind::unreachable;
    refused.message = "the server at " + where + " refuses the connection: " + refused.message;
    return refused;
  }
  if (libpq().PQconnectionNeedsPassword(connection) != 0) {
    return make_error(ErrorKind::credentials,
                      "the server at " + where + " asks for a password and none is given",
                      "give this store a password, for example ${env:NAME}");
  }
  // Without a SQLSTATE libpq itself speaks: of hosts, sockets and certificates.
  std::string reason(trim(message));
  if (const size_t advice = reason.find("\n\t"); advice != std::string::npos)
    reason = reason.substr(0, advice);
  if (const size_t line = reason.rfind('\n'); line != std::string::npos) reason = reason.substr(line + 1);
  if (const size_t colon = reason.find(" failed: "); colon != std::string::npos)
    reason = reason.substr(colon + 9);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  const bool tls = reason.find("SSL") != std::string::npos || reason.find("certificate") != std::string::npos;
  return make_error(ErrorKind::unreachable, "cannot connect to " + where + ": " + reason,
                    tls ? "give tls_root_certificate, or choose a weaker tls mode explicitly"
                        : "check host, port and that the server runs");
}

}  // namespace

// Drives libpq's asynchronous connect, so that error verbosity is set before the first answer.
class Connecting {
 public:
  explicit Connecting(const ConnectOptions& given) : given_(given) {}

  Result<std::unique_ptr<Session>> open() {
    ASSIGN_OR_RETURN(options_, connection_options(given_));
    where_ = options_["host"].empty()
                 ? "the local socket"
                 : options_["host"] + (options_.count("port") ? ":" + options_["port"] : "");
    RETURN_IF_ERROR(load_once<Libpq>());
    std::unique_ptr<Session> session(new Session());
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : options_) {
      names.push_back(name.c_str());
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    session->state_->cancel = given_.cancel;
    session->state_->streams = given_.streams;
    ConnectionHandle& connection = session->state_->connection;
    connection.reset(libpq().PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection) return make_error(ErrorKind::failed, "out of memory");
    libpq().PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);
    libpq().PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    RETURN_IF_ERROR(drive(connection.get()));
    if (given_.pinned) {
      RETURN_IF_ERROR(pin(*session));
    } else {
      RETURN_IF_ERROR(look(*session));
    }
    return session;
  }

 private:
  Status drive(PGconn* connection) {
    using SteadyClock = std::chrono::steady_clock;  // a timeout of a system call, not the program's time
    const auto deadline = SteadyClock::now() + std::chrono::seconds(given_.connect_timeout_s);
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    if (libpq().PQstatus(connection) == CONNECTION_BAD) return connect_error(connection, where_);
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
      pollfd waiting = {libpq().PQsocket(connection),
                        short(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      const auto step = std::min<int64_t>(left.count(), cancel_look_every_ms);
      const int ready = left.count() <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(step));
      if (given_.cancel != nullptr && given_.cancel->load())
        return make_error(ErrorKind::interrupted, "connecting was cancelled");
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0 && left.count() > step) continue;
      if (ready == 0) {
        return make_error(ErrorKind::unreachable,
                          fmt::format("no answer from {} within {} s", where_, given_.connect_timeout_s),
                          "check host, port and firewall");
      }
      wanted = libpq().PQconnectPoll(connection);
      if (wanted == PGRES_POLLING_OK) return {};
      if (wanted == PGRES_POLLING_FAILED) return connect_error(connection, where_);
    }
  }

  Status pin(Session& session) {
    auto rows = session.query(
        "SELECT pg_catalog.set_config('TimeZone', 'UTC', false), pg_catalog.set_config('DateStyle', 'ISO, "
        "MDY', "
        "false), "
        "pg_catalog.set_config('IntervalStyle', 'postgres', false), "
        "pg_catalog.set_config('extra_float_digits', '3', false), "
        "pg_catalog.set_config('bytea_output', 'hex', false), "
        "pg_catalog.set_config('search_path', 'pg_catalog', false), "
        "pg_catalog.set_config('lc_monetary', 'C', false), "
        "pg_catalog.set_config('row_security', 'off', "
        "false), "
        "pg_catalog.set_config('client_min_messages', 'error', false), "
        "pg_catalog.set_config('lock_timeout', $1, false), "
        "pg_catalog.set_config('statement_timeout', $2, false), "
        "pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false), "
        // The account's own setting stays visible unless this session asks for less.
        "pg_catalog.set_config('default_transaction_read_only', CASE WHEN $3 = 'on' THEN 'on' "
        "ELSE pg_catalog.current_setting('default_transaction_read_only') END, false), "
        "pg_catalog.set_config('standard_conforming_strings', 'on', false), "
        "pg_catalog.set_config('application_name', $4, false), "
        "pg_catalog.pg_backend_pid(), pg_catalog.current_database(), current_user, "
        "pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('server_version'), "
        // Behind what is read by its place below. How arrays and XML are read in, whatever the database says.
        "pg_catalog.set_config('jit', 'off', false), pg_catalog.set_config('array_nulls', 'on', false), "
        "pg_catalog.set_config('xmloption', 'content', false)",
        {std::to_string(given_.lock_timeout_ms), std::to_string(given_.statement_timeout_ms),
         given_.read_only ? "on" : "off", given_.application_name});
    if (!rows.ok())
      return wrap(rows.error(), "the settings of the session at " + where_ + " cannot be pinned");
    note_facts(session, *rows, 15);
    // A backend whose client died notices by itself, so that its locks go with it (PostgreSQL 14 and later).
    if (session.facts_.server_version >= 140000) {
      const auto ignored =
          session.query("SELECT pg_catalog.set_config('client_connection_check_interval', '1s', false)");
      static_cast<void>(ignored);  // not every platform has it
    }
    return {};
  }

  // What the session is, without a word about its settings, in one round trip. Behind a transaction pooler
  // nothing is set: it would stay with whoever gets that session next.
  Status look(Session& session) {
    const int greeted_by = libpq().PQbackendPID(session.state_->connection.get());
    auto rows = session.query(
        "SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_database(), current_user, "
        "pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('server_version'), "
        "CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000 AND "
        "pg_catalog.pg_backend_pid() = $1 THEN "
        "pg_catalog.set_config('client_connection_check_interval', '1s', false) END",
        {std::to_string(greeted_by)});
    if (!rows.ok()) return wrap(rows.error(), "the session at " + where_ + " cannot be used");
    note_facts(session, *rows, 0);
    return {};
  }

  // `first`: the column of the backend's pid; database, user and both forms of the version follow.
  void note_facts(Session& session, const Rows& rows, size_t first) {
    ConnectionFacts& facts = session.facts_;
    PGconn* connection = session.state_->connection.get();
    facts.pooled = rows.number(0, first) != libpq().PQbackendPID(connection);
    facts.database = rows.string(0, first + 1);
    facts.user = rows.string(0, first + 2);
    facts.server_version = static_cast<int>(rows.number(0, first + 3));
    facts.server_version_text = rows.string(0, first + 4);
    facts.host = libpq().PQhost(connection) == nullptr ? "" : libpq().PQhost(connection);
    facts.unix_socket = facts.host.starts_with("/");
    facts.encrypted = libpq().PQsslInUse(connection) != 0;
    facts.sslmode = options_["sslmode"];
  }

  const ConnectOptions& given_;
  Options options_;
  std::string where_;
};

Result<std::unique_ptr<Session>> Session::open(const ConnectOptions& options) {
  return Connecting(options).open();
}

}  // namespace godwit::pg
