#include "schema/backup/parts.h"

#include "base/text.h"
#include "base/time.h"
#include "connect/postgres/endpoint.h"
#include "os/files.h"
#include "pg/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::schema {

namespace {

constexpr int64_t tell_every_us = 1'000'000;
constexpr int64_t day_us = 86'400'000'000;

}  // namespace

ProgressTeller::ProgressTeller(const Services& services, std::string what, int64_t about_bytes)
    : services_(services),
      what_(std::move(what)),
      about_bytes_(about_bytes),
      begun_us_(services.clock->monotonic_us()),
      told_us_(begun_us_) {}

void ProgressTeller::at(int64_t bytes) {
  const int64_t now_us = services_.clock->monotonic_us();
  if (services_.observer == nullptr || now_us - told_us_ < tell_every_us) return;
  told_us_ = now_us;
  const double rate = static_cast<double>(bytes) * 1e6 / static_cast<double>(now_us - begun_us_);
  std::string text =
      fmt::format("{}: {}, {}/s", what_, human_bytes(bytes), human_bytes(static_cast<int64_t>(rate)));
  // The size on the server is an upper limit of what is dumped, so this is one of the time left.
  if (about_bytes_ > bytes && rate > 0) {
    text += fmt::format(
        ", at most {} left",
        human_duration(static_cast<int64_t>(static_cast<double>(about_bytes_ - bytes) / rate * 1e6)));
  }
  services_.observer->on_progress(text);
}

Result<std::vector<std::pair<std::string, std::string>>> program_environment(const StoreEndpoint& endpoint,
                                                                             const Services& services) {
  pg::ConnectOptions options = connect::postgres::connect_options(endpoint, nullptr);
  options.application_name = "godwit backup";
  ASSIGN_OR_RETURN(auto variables, pg::connection_variables(options));
  for (const char* name : {"PATH", "HOME", "TMPDIR"}) {
    if (const auto value = services.variable(name)) variables.emplace_back(name, *value);
  }
  variables.emplace_back("LC_ALL", "C");
  return variables;
}

Result<ProgramVersion> program_version(const std::string& program, const Services& services) {
  os::ChildOptions options;
  options.arguments = {program, "--version"};
  options.environment = {{"PATH", services.variable("PATH").value_or("/usr/bin:/bin")}, {"LC_ALL", "C"}};
  options.cancel = services.cancel;
  ASSIGN_OR_RETURN(const os::ChildOutcome outcome, os::run_child(options));
  ProgramVersion version{std::string(trim(outcome.output)), 0};
  const size_t digits = version.text.find_first_of("0123456789");
  if (outcome.exit_code == 0 && digits != std::string::npos)
    std::from_chars(version.text.data() + digits, version.text.data() + version.text.size(), version.major);
  if (version.major > 0) return version;
  return make_error(ErrorKind::config, fmt::format("{} --version ended with {} and no version{}", program,
                                                   outcome.exit_code, first_words(outcome.errors)));
}

// Details and contexts of a server's message may quote rows: only the lines of the program itself are shown.
std::string first_words(std::string_view errors) {
  std::vector<std::string> said;
  for (const std::string& line : split(errors, '\n')) {
    const std::string text(trim(line));
    const bool quotes =
        text.find("DETAIL") != std::string::npos || text.find("CONTEXT") != std::string::npos ||
        text.find("invalid input") != std::string::npos || text.find("Command was") != std::string::npos;
    if (quotes) break;
    if (!text.empty()) said.push_back(text);
    if (said.size() == 3) break;
  }
  return said.empty() ? "" : ": " + join(said, " / ").substr(0, 400);
}

Result<std::vector<BackedUpTable>> count_tables(pg::Session& session, bool digests) {
  ASSIGN_OR_RETURN(
      const auto names,
      session.query(
          "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON "
          "n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname "
          "NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT 1 FROM "
          "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND "
          "d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2"));
  std::vector<BackedUpTable> tables;
  for (size_t row = 0; row < names.size(); ++row) {
    BackedUpTable table{names.string(row, 0), names.string(row, 1), 0, ""};
    // A sum of hashes does not care for the order of rows.
    ASSIGN_OR_RETURN(
        const auto counted,
        session.query(fmt::format(
            "SELECT count(*), {} FROM ONLY {}.{} AS godwit_row",
            digests ? "coalesce(sum(pg_catalog.hashtextextended(godwit_row::pg_catalog.text, 0)), 0)::text"
                    : "''",
            quote_identifier(table.schema), quote_identifier(table.name))));
    table.rows = counted.number(0, 0);
    table.digest = counted.string(0, 1);
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<std::vector<std::string>> prune(const Target& target, const Services& services) {
  std::vector<std::string> gone;
  if (target.backup.keep == 0 && target.backup.keep_days == 0) return gone;
  ASSIGN_OR_RETURN(const auto names, os::list_folder(target.backup_directory));
  std::vector<BackupManifest> whole;
  constexpr std::string_view suffix = ".manifest.json";
  for (const std::string& name : names) {
    if (!name.ends_with(suffix)) continue;
    const std::string file = target.backup_directory + "/" + name.substr(0, name.size() - suffix.size());
    auto manifest = read_manifest(file);
    if (!manifest.ok() || manifest->database != target.database ||
        manifest->environment != target.environment)
      continue;
    const auto bytes = os::file_size(file);
    if (bytes.ok() && *bytes == manifest->bytes) whole.push_back(std::move(manifest).value());
  }
  std::sort(whole.begin(), whole.end(), [](const BackupManifest& left, const BackupManifest& right) {
    return left.created_at > right.created_at;
  });
  const std::string oldest = iso_utc(services.clock->now_us() - target.backup.keep_days * day_us);
  for (size_t i = 1; i < whole.size(); ++i) {
    if (static_cast<int64_t>(i) < target.backup.keep) continue;
    if (target.backup.keep_days > 0 && whole[i].created_at >= oldest) continue;
    // The manifest goes last: what is left of an interrupted deletion is no whole backup.
    RETURN_IF_ERROR(os::remove_all(whole[i].path));
    RETURN_IF_ERROR(os::remove_all(manifest_path(whole[i].path)));
    gone.push_back(whole[i].path);
  }
  return gone;
}

}  // namespace godwit::schema
