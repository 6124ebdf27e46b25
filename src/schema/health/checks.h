// The list of health checks, and how one is made. Internal to this folder.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "config/database_care.h"
#include "model/schema_report.h"
#include "schema/database/database.h"
#include "schema/engine.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::schema {

// What a check found. `ok` unset: it does not apply here, and the message says why.
struct Found {
  std::optional<bool> ok;
  std::string message, measured, threshold;
};

// Its limits, after the configuration.
struct CheckLimits {
  int64_t timeout_ms = 0;
  double limit = 0;
};

class CheckList {
 public:
  // All outlive the list.
  CheckList(const HealthSettings& settings, const Clock& clock, SchemaHealth& health)
      : settings_(settings), clock_(clock), health_(health) {}

  // CHECKs that the name is known. An Error of the check is a failure. Nothing for one that is switched off.
  void make(std::string_view name, const std::function<Result<Found>(const CheckLimits&)>& check);
  // The same on a PostgreSQL connection, with the time limit set as its statement_timeout.
  void ask(std::string_view name, Database& database,
           const std::function<Result<Found>(const CheckLimits&)>& check);
  void skip(std::string_view name, const std::string& reason);
  [[nodiscard]] CheckLimits limits(std::string_view name) const;

 private:
  const HealthSettings& settings_;
  const Clock& clock_;
  SchemaHealth& health_;
};

// One kind of database each.
void look_at_postgres(const Target& target, const Services& services, const History& history,
                      CheckList& checks, Status& reached);
void look_at_sqlite(const Target& target, const Services& services, const History& history, CheckList& checks,
                    Status& reached);

// Checks that both kinds have.
[[nodiscard]] Result<Found> enough_disk(const std::string& folder, int64_t database_bytes, double factor);
[[nodiscard]] Result<Found> history_in_order(const Result<Overview>& overview);

// Of a PostgreSQL server; each is one or two queries.
[[nodiscard]] Result<Found> encrypted(Database& database, const StoreEndpoint& endpoint);
[[nodiscard]] Result<Found> new_enough(const Database& database, double minimum);
[[nodiscard]] Result<Found> may_write(Database& database);
[[nodiscard]] Result<Found> has_privileges(Database& database, const History& history);
[[nodiscard]] Result<Found> no_long_transaction(Database& database, double limit_s);
[[nodiscard]] Result<Found> no_lock_held(Database& database, const History& history);
[[nodiscard]] Result<Found> replicas_keep_up(Database& database, double limit_s);
[[nodiscard]] Result<Found> connections_left(Database& database, double wanted);
[[nodiscard]] Result<Found> server_disk(Database& database, double factor);
[[nodiscard]] Result<Found> extensions_offered(Database& database, const MigrationFolder& folder);

}  // namespace godwit::schema
