#include "base/text.h"
#include "cli/commands.h"
#include "duck/database.h"
#include "os/files.h"
#include "os/process.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

struct Finding {
  std::string subject;
  std::string verdict;  // ok, warning, failed
  std::string detail;
  std::string hint;
};

constexpr int64_t free_disk_min_bytes = int64_t{2} << 30;

// Every line is built from an allow-list: names from the configuration, versions, sizes, verdicts. No value
// of a secret, no URL, no row.
class Doctor {
 public:
  explicit Doctor(Application& app) : app_(app) {}

  Status examine() {
    add("godwit", "ok",
        fmt::format("version {}, DuckDB {}", app_.world().version, duck::Database::library_version()), "");
    const auto settings = app_.settings();
    if (!settings.ok()) {
      add("configuration", settings.error());
      return settings.error();
    }
    add("configuration", "ok", (*settings)->file, "");
    disk((*settings)->folder);
    Status worst;
    if (const auto ledger = app_.open_ledger(); ledger.ok()) {
      add("ledger", "ok", "opens", "");
    } else {
      add("ledger", ledger.error());
      worst = ledger.error();
    }
    for (const auto& [name, unused] : (*settings)->pipelines) {
      if (const Status examined = pipeline(name); !examined.ok()) worst = examined;
    }
    return worst;
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const Finding& finding : findings_) {
      const std::string_view mark = finding.verdict == "ok" ? "✓" : finding.verdict == "warning" ? "!" : "✗";
      out += fmt::format("{} {:<32} {}\n", mark, finding.subject, finding.detail);
      if (!finding.hint.empty()) out += fmt::format("    {}\n", finding.hint);
    }
    return out;
  }

  [[nodiscard]] std::string json() const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Finding& finding : findings_)
      list.push_back({{"subject", finding.subject},
                      {"verdict", finding.verdict},
                      {"detail", finding.detail},
                      {"hint", finding.hint}});
    return nlohmann::ordered_json{{"version", 1}, {"godwit", app_.world().version}, {"findings", list}}.dump(
               1) +
           "\n";
  }

 private:
  void add(std::string subject, std::string verdict, std::string detail, std::string hint) {
    findings_.push_back({std::move(subject), std::move(verdict), std::move(detail), std::move(hint)});
  }
  void add(std::string subject, const Error& error) {
    add(std::move(subject), "failed", error.text(), error.hint);
  }

  void disk(const std::string& folder) {
    const auto bytes = os::free_disk_bytes(folder);
    if (!bytes.ok()) return add("free disk", bytes.error());
    const bool enough = *bytes >= free_disk_min_bytes;
    add("free disk", enough ? "ok" : "warning", human_bytes(*bytes),
        enough ? "" : "a run stages its data here: free some space");
  }

  Status pipeline(const std::string& name) {
    const auto job = app_.job(name, "");
    if (!job.ok()) {
      add("pipeline " + name, job.error());
      return job.error();
    }
    add("pipeline " + name, "ok", "all secrets are set", "");
    Status worst;
    for (const StoreEndpoint& endpoint : job->resolved.sources) {
      if (const Status examined = source(endpoint); !examined.ok()) worst = examined;
    }
    for (const StoreEndpoint& endpoint : job->resolved.targets) {
      if (const Status examined = target(endpoint); !examined.ok()) worst = examined;
    }
    return worst;
  }

  Status source(const StoreEndpoint& endpoint) {
    const std::string subject = fmt::format("{} ({})", endpoint.store, endpoint.environment);
    auto opened = app_.world().services.open_source(endpoint);
    if (!opened.ok()) {
      add(subject, opened.error());
      return opened.error();
    }
    add(subject, "ok", "reachable", "");
    for (const std::string& note : (*opened)->connection_notes())
      add(subject, "warning", note, "");
    const auto writable = (*opened)->can_write();
    if (!writable.ok()) {
      add(subject + " is read-only", writable.error());
    } else if (writable->can_write) {
      add(subject + " is read-only", "warning", "this account can write: " + writable->evidence,
          "give godwit an account that can only read the source");
    } else {
      add(subject + " is read-only", "ok", writable->evidence, "");
    }
    return {};
  }

  Status target(const StoreEndpoint& endpoint) {
    const std::string subject = fmt::format("{} ({})", endpoint.store, endpoint.environment);
    auto opened = app_.world().services.open_sink(endpoint);
    if (!opened.ok()) {
      add(subject, opened.error());
      return opened.error();
    }
    const auto capabilities = (*opened)->capabilities();
    if (!capabilities.ok()) {
      add(subject, capabilities.error());
      return capabilities.error();
    }
    if (capabilities->read_only) {
      add(subject, "failed", "read-only: " + capabilities->evidence, "load into a writable server");
      return make_error(ErrorKind::gate, subject + " is read-only");
    }
    add(subject, capabilities->can_keep_undo ? "ok" : "failed",
        fmt::format("reachable, {} commit", capabilities->two_phase ? "two-phase" : "one-phase"),
        capabilities->can_keep_undo ? "" : "let the role create schema godwit: undo data lives there");
    for (const std::string& note : (*opened)->connection_notes())
      add(subject, "warning", note, "");
    return {};
  }

  Application& app_;
  std::vector<Finding> findings_;
};

}  // namespace

Status doctor_command(Application& app) {
  Doctor doctor(app);
  const Status status = doctor.examine();
  if (app.arguments().json) {
    app.print_json(doctor.json());
  } else {
    app.print(doctor.text());
  }
  return status;
}

}  // namespace godwit::cli
