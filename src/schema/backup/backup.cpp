#include "schema/backup/backup.h"

#include "base/text.h"
#include "base/time.h"
#include "os/files.h"
#include "schema/backup/parts.h"
#include "secrets/resolve.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

constexpr size_t key_bytes_min = 16;

// <database>-<environment>-<UTC>-<random>: two that are made at once do not meet.
std::string name_of(const Target& target, const Services& services, const BackupManifest& manifest) {
  std::string ending = manifest.kind == "sqlite" ? ".db" : manifest.format == "plain" ? ".sql" : ".dump";
  if (manifest.compression == "zstd") ending += ".zst";
  if (manifest.encrypted) ending += ".sealed";
  return fmt::format("{}-{}-{}-{:08x}{}", percent_encode(target.database), percent_encode(target.environment),
                     compact_utc(services.clock->now_us()), static_cast<uint32_t>(services.random_number()),
                     ending);
}

BackupManifest begin(const Target& target, const Services& services, const BackupRequest& request,
                     const Secret& key) {
  BackupManifest manifest;
  manifest.kind = target.endpoint.kind;
  manifest.format = manifest.kind == "sqlite" ? "sqlite"
                    : request.format.empty()  ? target.backup.format
                                              : request.format;
  // pg_dump compresses a custom dump itself.
  manifest.compression = manifest.format == "custom" ? "none" : target.backup.compress;
  manifest.encrypted = !key.empty();
  manifest.created_at = iso_utc(services.clock->now_us());
  manifest.database = target.database;
  manifest.environment = target.environment;
  manifest.history = request.history;
  manifest.history_table = request.history_table;
  manifest.applied = request.applied;
  manifest.run = request.run;
  manifest.actor = services.actor;
  manifest.path = target.backup_directory + "/" + name_of(target, services, manifest);
  return manifest;
}

}  // namespace

Result<Secret> backup_key(const Target& target, const Services& services) {
  if (target.backup_key.empty()) return Secret();
  ASSIGN_OR_RETURN(Secret key, resolve_secret(target.backup_key, services.variable));
  if (key.reveal().size() >= key_bytes_min) return key;
  Error error = make_error(
      ErrorKind::config,
      fmt::format("keys.backup has {} bytes: at least {} are needed", key.reveal().size(), key_bytes_min),
      "openssl rand -base64 32 makes one");
  error.where = target.backup_key.where;
  return error;
}

Result<BackupManifest> take_backup(const Target& target, const Services& services,
                                   const BackupRequest& request) {
  ASSIGN_OR_RETURN(const Secret key, backup_key(target, services));
  RETURN_IF_ERROR(os::make_folder(target.backup_directory));
  BackupManifest manifest = begin(target, services, request, key);
  const int64_t begun_us = services.clock->monotonic_us();
  const bool sqlite = manifest.kind == "sqlite";
  RETURN_IF_ERROR(sqlite ? copy_sqlite(target, services, key, manifest)
                         : dump_postgres(target, services, request, key, manifest));
  manifest.duration_ms = (services.clock->monotonic_us() - begun_us) / 1000;
  RETURN_IF_ERROR(write_manifest(manifest));
  if (request.verify) {
    RETURN_IF_ERROR(sqlite ? verify_sqlite(services, key, manifest)
                           : verify_postgres(target, services, key, manifest));
    manifest.verified = true;
    RETURN_IF_ERROR(write_manifest(manifest));
  }
  ASSIGN_OR_RETURN(const auto gone, prune(target, services));
  if (!gone.empty() && services.observer != nullptr)
    services.observer->on_progress(fmt::format("deleted {} old backup(s)", gone.size()));
  return manifest;
}

}  // namespace godwit::schema
