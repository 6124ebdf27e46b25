// Secret references become secrets: ${env:NAME}, ${file:path}. Resolved at use, held in Secret.
//
// ${file:path} counts from the folder of the file that holds the reference; one trailing line end is dropped.
// An empty variable or file is a missing secret. ${op:…}, ${aws-sm:…}, ${vault:…} and ${age:…} are
// ErrorKind::config: this build has no provider for them. Thread-compatible; keeps nothing.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "config/settings.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

// Looks a name up in the process environment; passed in so that nothing below main.cpp reads it by itself.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

// Resolves every secret that the pipeline's two environments (and the masking key) need. Missing ones are all
// named in one ErrorKind::missing_secret, one "file:line:column: …" per line. A target in a read-only
// environment is ErrorKind::gate; a masking key of fewer than 16 bytes and a store kind that this version
// cannot move are ErrorKind::config.
struct ResolvedPipeline {
  std::vector<StoreEndpoint> sources;  // in pipeline.stores order
  std::vector<StoreEndpoint> targets;
  Secret masking_key;
};
[[nodiscard]] Result<ResolvedPipeline> resolve(const Settings& settings, const PipelineSettings& pipeline,
                                               const EnvironmentLookup& environment);
// Text with any number of references in it. In a URL, what stands for user and password is percent-encoded.
[[nodiscard]] Result<Secret> resolve_secret(const SecretText& text, const EnvironmentLookup& environment);
// The ledger: an absolute path, or a postgres:// URL (secret: it may hold a password).
[[nodiscard]] Result<Secret> resolve_ledger(const Settings& settings, const EnvironmentLookup& environment);
// One store in one environment, for commands that need no whole pipeline.
[[nodiscard]] Result<StoreEndpoint> resolve_store(const Settings& settings, const std::string& store,
                                                  const std::string& in_environment,
                                                  const EnvironmentLookup& environment);
// A database whose schema is changed, in one environment. ErrorKind::usage lists the environments there are.
[[nodiscard]] Result<StoreEndpoint> resolve_database(const Settings& settings,
                                                     const DatabaseSettings& database,
                                                     const std::string& in_environment,
                                                     const EnvironmentLookup& environment);

}  // namespace godwit
