// A PostgreSQL database by its own pg_dump, read as a stream; rows are counted under the snapshot that it
// dumps.
#include "base/text.h"
#include "connect/postgres/endpoint.h"
#include "schema/backup/parts.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

Result<std::unique_ptr<pg::Session>> reading_session(const StoreEndpoint& endpoint,
                                                     const Services& services) {
  pg::ConnectOptions options = connect::postgres::read_only_options(endpoint, services.cancel);
  options.application_name = "godwit backup";
  return connect::postgres::open_session(endpoint, options);
}

Status check_version(const ProgramVersion& program, const pg::ConnectionFacts& facts) {
  const int server = facts.server_version / 10000;
  if (program.major >= server) return {};
  return make_error(
      ErrorKind::config,
      fmt::format("{} cannot dump a server that is newer: PostgreSQL {}", program.text,
                  facts.server_version_text),
      fmt::format("install the client of version {}, or name it: backup: {{pg_dump: …}}", server));
}

// While rows are loaded, the server's own words may quote them.
std::string without_servers_words(std::string_view errors) {
  std::string said = first_words(errors);
  const size_t server = said.find("ERROR:");
  return server == std::string::npos ? said : said.substr(0, server) + "the server refused it";
}

}  // namespace

Status dump_postgres(const Target& target, const Services& services, const BackupRequest& request,
                     const Secret& key, BackupManifest& manifest) {
  ASSIGN_OR_RETURN(const ProgramVersion program, program_version(target.backup.pg_dump, services));
  ASSIGN_OR_RETURN(const auto session, reading_session(target.endpoint, services));
  RETURN_IF_ERROR(check_version(program, session->facts()));
  manifest.tool = program.text;
  manifest.server = "PostgreSQL " + session->facts().server_version_text;
  manifest.database_name = session->facts().database;
  RETURN_IF_ERROR(session->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  ASSIGN_OR_RETURN(const auto facts,
                   session->query("SELECT pg_catalog.pg_export_snapshot(), "
                                  "pg_catalog.pg_database_size(pg_catalog.current_database())"));
  manifest.database_bytes = facts.number(0, 1);
  os::ChildOptions options;
  options.arguments = {target.backup.pg_dump, "--no-password", "--format=" + manifest.format,
                       "--snapshot=" + facts.string(0, 0)};
  ASSIGN_OR_RETURN(options.environment, program_environment(target.endpoint, services));
  options.cancel = services.cancel;
  ASSIGN_OR_RETURN(Packer packer, Packer::create(manifest.path, manifest.compression == "zstd", key));
  ASSIGN_OR_RETURN(os::ChildProcess child, os::ChildProcess::start(options));
  ProgressTeller progress(services, "backup", manifest.database_bytes);
  int64_t dumped = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::string_view piece, child.read());
    if (piece.empty()) break;
    RETURN_IF_ERROR(packer.add(piece));
    dumped += static_cast<int64_t>(piece.size());
    progress.at(dumped);
    if (services.checkpoint) services.checkpoint("backup");
  }
  ASSIGN_OR_RETURN(const int code, child.wait());
  if (code != 0)
    return make_error(ErrorKind::failed,
                      fmt::format("pg_dump ended with {}{}", code, first_words(child.errors())));
  if (dumped == 0) return make_error(ErrorKind::failed, "pg_dump wrote nothing");
  ASSIGN_OR_RETURN(manifest.tables, count_tables(*session, request.verify));
  return packer.finish(manifest);
}

Status fill_postgres(const BackupManifest& manifest, const StoreEndpoint& into, const Target& target,
                     const Services& services, const Secret& key) {
  os::ChildOptions options;
  if (manifest.format == "plain") {
    options.arguments = {target.backup.psql,      "--no-psqlrc",        "--quiet", "--no-password",
                         "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"};
  } else {
    options.arguments = {target.backup.pg_restore, "--no-password", "--exit-on-error",
                         "--dbname=" + into.database};
  }
  ASSIGN_OR_RETURN(options.environment, program_environment(into, services));
  options.has_input = true;
  options.cancel = services.cancel;
  ASSIGN_OR_RETURN(os::ChildProcess child, os::ChildProcess::start(options));
  ProgressTeller progress(services, "restore", 0);
  int64_t sent = 0;
  Status fed = unpack(manifest, key, [&](std::string_view bytes) {
    sent += static_cast<int64_t>(bytes.size());
    progress.at(sent);
    return child.write(bytes);
  });
  // A program that fails reads no more: what it says about it comes first.
  if (!fed.ok() && fed.error().kind == ErrorKind::interrupted) return fed;
  ASSIGN_OR_RETURN(const int code, child.wait());
  if (code != 0) {
    return make_error(ErrorKind::failed, fmt::format("{} ended with {}{}", options.arguments[0], code,
                                                     without_servers_words(child.errors())));
  }
  return fed;
}

Status verify_postgres(const Target& target, const Services& services, const Secret& key,
                       const BackupManifest& manifest) {
  RETURN_IF_ERROR(check_sha256(manifest));
  ASSIGN_OR_RETURN(const auto database, open_database(target.endpoint, services.cancel));
  const std::string scratch =
      fmt::format("godwit_verify_{:08x}", static_cast<uint32_t>(services.random_number()));
  RETURN_IF_ERROR(database->run({"CREATE DATABASE " + quote_identifier(scratch) + " TEMPLATE template0"}));
  StoreEndpoint into = target.endpoint;
  into.database = scratch;
  const auto compare = [&]() -> Status {
    RETURN_IF_ERROR(fill_postgres(manifest, into, target, services, key));
    ASSIGN_OR_RETURN(const auto session, reading_session(into, services));
    ASSIGN_OR_RETURN(const auto tables, count_tables(*session, true));
    const auto different = differences(tables, manifest.tables);
    if (different.empty()) return {};
    return make_error(ErrorKind::failed,
                      "the backup does not hold what the database held: " + join(different, "; "));
  };
  const Status compared = compare();
  const Status dropped =
      database->run({"DROP DATABASE IF EXISTS " + quote_identifier(scratch) + " WITH (FORCE)"});
  return compared.ok() ? dropped : compared;
}

}  // namespace godwit::schema
