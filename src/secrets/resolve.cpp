#include "secrets/resolve.h"

#include "base/text.h"
#include "config/secret_text.h"
#include "os/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace godwit {

namespace {

constexpr size_t masking_key_bytes_min = 16;
constexpr std::string_view missing_hint =
    "set the variables in the environment of this process, or in the secrets of the CI system";

// What could not be resolved, gathered so that all of it is named at once.
class Gathered {
 public:
  void missing(const SourceLocation& where, const std::string& what) {
    any_missing_ = true;
    // One variable used in ten places is one thing to set.
    if (named_.insert(what).second) lines_.push_back({where, what});
  }
  void wrong(const SourceLocation& where, const std::string& what) {
    if (named_.insert(what).second) lines_.push_back({where, what});
  }
  [[nodiscard]] bool empty() const { return lines_.empty(); }

  [[nodiscard]] Error error() const {
    std::vector<std::string> text;
    for (const auto& [where, what] : lines_) {
      text.push_back(where.known() ? where.text() + ": " + what : what);
    }
    Error error = make_error(any_missing_ ? ErrorKind::missing_secret : ErrorKind::config, join(text, "\n"),
                             any_missing_ ? std::string(missing_hint) : "");
    error.where = lines_.front().first;
    return error;
  }

 private:
  bool any_missing_ = false;
  std::set<std::string> named_;
  std::vector<std::pair<SourceLocation, std::string>> lines_;
};

std::string url_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += "%" + to_hex(std::string_view(&c, 1));
    }
  }
  return out;
}

// How many leading pieces stand in front of the '@' of a URL: "postgres://${env:U}:${env:P}@host/db".
size_t pieces_before_host(const std::vector<SecretPiece>& pieces) {
  if (pieces.empty() || pieces[0].kind != SecretPiece::Kind::literal ||
      pieces[0].text.find("://") == std::string::npos) {
    return 0;
  }
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (pieces[i].kind != SecretPiece::Kind::literal) continue;
    const size_t at = pieces[i].text.find('@');
    const size_t slash = pieces[i].text.find_first_of("/?");
    if (at != std::string::npos && (slash == std::string::npos || at < slash)) return i;
    if (slash != std::string::npos) break;
  }
  return 0;
}

class Resolver {
 public:
  Resolver(const EnvironmentLookup& environment, Gathered& gathered)
      : environment_(environment), gathered_(gathered) {}

  // Empty when something is missing (gathered).
  Secret text(const SecretText& text) {
    const auto pieces = parse_secret_text(text.written);
    if (!pieces.ok()) {
      gathered_.wrong(text.where, pieces.error().message);
      return {};
    }
    const size_t encoded_pieces = pieces_before_host(*pieces);
    std::string out;
    for (size_t i = 0; i < pieces->size(); ++i) {
      const SecretPiece& piece = (*pieces)[i];
      if (piece.kind == SecretPiece::Kind::literal) {
        out += piece.text;
        continue;
      }
      const Secret value = reference(piece, text.where);
      out += i < encoded_pieces ? url_encode(value.reveal()) : std::string(value.reveal());
    }
    return Secret(std::move(out));
  }

  // For fields that are no secrets once resolved: host, database, user, path.
  std::string plain(const SecretText& text) { return std::string(this->text(text).reveal()); }

  int port(const StoreEnvironmentSettings& address) {
    constexpr int usual = 5432;
    if (address.port_reference.empty()) return address.port.value_or(usual);
    const std::string text(trim(plain(address.port_reference)));
    if (text.empty()) return usual;
    int port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535)
      gathered_.wrong(address.port_reference.where, "what port refers to is no number from 1 to 65535");
    return port;
  }

 private:
  Secret reference(const SecretPiece& piece, const SourceLocation& where) {
    if (piece.kind == SecretPiece::Kind::provider) {
      gathered_.wrong(
          where, fmt::format("${{{0}:…}} needs the secret provider '{0}', which this build does not have: "
                             "use ${{env:NAME}} or ${{file:path}}",
                             piece.provider));
      return {};
    }
    return piece.kind == SecretPiece::Kind::file ? file(piece.text, where) : variable(piece.text, where);
  }

  Secret variable(const std::string& name, const SourceLocation& where) {
    auto value = environment_(name);
    if (!value) {
      gathered_.missing(where, fmt::format("environment variable {} is not set", name));
      return {};
    }
    if (value->empty())
      gathered_.missing(where, fmt::format("environment variable {} is set but empty", name));
    return Secret(std::move(*value));
  }

  Secret file(const std::string& written, const SourceLocation& where) {
    const std::string folder = os::parent_folder(os::absolute_path(where.file));
    const std::string path = written.starts_with('/') ? written : folder + "/" + written;
    auto content = os::read_file_if_exists(path);
    if (!content.ok()) {
      gathered_.missing(where, content.error().message);
      return {};
    }
    if (!*content) {
      gathered_.missing(where, fmt::format("there is no file {}", path));
      return {};
    }
    std::string value = std::move(**content);
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    if (value.empty()) gathered_.missing(where, fmt::format("file {} is empty", path));
    return Secret(std::move(value));
  }

  const EnvironmentLookup& environment_;
  Gathered& gathered_;
};

std::string below(const std::string& folder, const std::string& path) {
  return path.empty() || path.starts_with('/') ? path : folder + "/" + path;
}

// The value of sslmode in a URL's query.
std::optional<std::string> sslmode_of(std::string_view url) {
  const size_t query = url.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  std::optional<std::string> mode;
  for (const auto& parameter : split(url.substr(query + 1), '&')) {
    if (parameter.starts_with("sslmode=")) mode = parameter.substr(8);
  }
  return mode;
}

void read_url(const StoreEnvironmentSettings& address, StoreEndpoint& endpoint, Resolver& resolver,
              Gathered& gathered) {
  endpoint.url = resolver.text(address.url);
  const std::string_view url = endpoint.url.reveal();
  if (url.empty()) return;
  if (!url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
    gathered.wrong(address.url.where, fmt::format("stores.{}.{}: the url does not begin with postgres://",
                                                  endpoint.store, endpoint.environment));
    return;
  }
  const auto sslmode = sslmode_of(url);
  if (!sslmode) return;
  const auto mode = tls_mode_from(*sslmode);
  if (!mode) {
    gathered.wrong(
        address.url.where,
        fmt::format("stores.{}.{}: the url's sslmode is none of verify-full, verify-ca, require, prefer, "
                    "disable",
                    endpoint.store, endpoint.environment));
  } else if (address.tls_given && *mode != address.tls) {
    gathered.wrong(
        address.url.where,
        fmt::format("stores.{}.{}: the url says sslmode={}, the key beside it tls: {}", endpoint.store,
                    endpoint.environment, to_string(*mode), to_string(address.tls)));
  } else {
    endpoint.tls = *mode;
  }
}

StoreEndpoint read_endpoint(const Settings& settings, const StoreSettings& store,
                            const EnvironmentSettings& environment, const StoreEnvironmentSettings& address,
                            Resolver& resolver, Gathered& gathered) {
  StoreEndpoint endpoint;
  endpoint.store = store.name;
  endpoint.environment = environment.name;
  endpoint.kind = store.kind;
  endpoint.where = address.where;
  endpoint.read_only = environment.read_only;
  endpoint.connect_timeout_s = address.connect_timeout_s;
  if (store.kind == "sqlite") {
    endpoint.path = below(settings.folder, resolver.plain(address.path));
    return endpoint;
  }
  if (store.kind != "postgres") {
    gathered.wrong(store.where, fmt::format("stores.{}: this version cannot move stores of kind {}",
                                            store.name, store.kind));
    return endpoint;
  }
  endpoint.tls = address.tls;
  if (address.url.empty() && address.host.empty()) {
    gathered.wrong(address.where,
                   fmt::format("environment {} has no address: url_env names the variable of its "
                               "URL, url_secret a file of /run/secrets",
                               environment.name));
  }
  if (!address.url.empty()) read_url(address, endpoint, resolver, gathered);
  endpoint.host = resolver.plain(address.host);
  endpoint.port = resolver.port(address);
  endpoint.database = resolver.plain(address.database);
  endpoint.user = resolver.plain(address.user);
  endpoint.password = resolver.text(address.password);
  endpoint.tls_root_certificate = below(settings.folder, address.tls_root_certificate);
  endpoint.tls_certificate = below(settings.folder, address.tls_certificate);
  endpoint.tls_key = below(settings.folder, address.tls_key);
  endpoint.search_path_schema = address.schema;
  return endpoint;
}

StoreEndpoint read_named(const Settings& settings, const std::string& store, const std::string& environment,
                         Resolver& resolver, Gathered& gathered) {
  const auto found = settings.stores.find(store);
  const auto in = settings.environments.find(environment);
  if (found == settings.stores.end()) {
    gathered.wrong({settings.file, 0, 0}, fmt::format("store '{}' is not in stores", store));
  } else if (in == settings.environments.end()) {
    gathered.wrong({settings.file, 0, 0},
                   fmt::format("environment '{}' is not in environments", environment));
  } else if (const auto address = found->second.environments.find(environment);
             address == found->second.environments.end()) {
    gathered.wrong(found->second.where,
                   fmt::format("store '{}' has no address in environment '{}'", store, environment));
  } else {
    return read_endpoint(settings, found->second, in->second, address->second, resolver, gathered);
  }
  return {};
}

void read_masking_key(const Settings& settings, ResolvedPipeline& out, Resolver& resolver,
                      Gathered& gathered) {
  if (settings.masking_key.empty()) {
    gathered.missing({settings.file, 0, 0}, "keys.masking is not given: masks need a key");
    return;
  }
  out.masking_key = resolver.text(settings.masking_key);
  const size_t bytes = out.masking_key.reveal().size();
  if (bytes > 0 && bytes < masking_key_bytes_min) {
    gathered.wrong(
        settings.masking_key.where,
        fmt::format("the masking key has {} bytes: at least {} are needed (openssl rand -base64 32)", bytes,
                    masking_key_bytes_min));
  }
}

Status refuse_read_only_target(const Settings& settings, const PipelineSettings& pipeline) {
  const auto target = settings.environments.find(pipeline.to);
  if (target == settings.environments.end() || !target->second.read_only) return {};
  Error error = make_error(
      ErrorKind::gate,
      fmt::format("pipeline '{}' writes to environment '{}', which is read-only", pipeline.name, pipeline.to),
      fmt::format("choose another 'to', or change environments.{}.read_only at {}", pipeline.to,
                  target->second.where.text()));
  error.where = pipeline.where;
  return error;
}

}  // namespace

Result<ResolvedPipeline> resolve(const Settings& settings, const PipelineSettings& pipeline,
                                 const EnvironmentLookup& environment) {
  RETURN_IF_ERROR(refuse_read_only_target(settings, pipeline));
  Gathered gathered;
  Resolver resolver(environment, gathered);
  ResolvedPipeline out;
  read_masking_key(settings, out, resolver, gathered);
  for (const auto& store : pipeline.stores) {
    out.sources.push_back(read_named(settings, store, pipeline.from, resolver, gathered));
    out.targets.push_back(read_named(settings, store, pipeline.to, resolver, gathered));
  }
  if (!gathered.empty()) return gathered.error();
  return out;
}

Result<Secret> resolve_secret(const SecretText& text, const EnvironmentLookup& environment) {
  Gathered gathered;
  Secret secret = Resolver(environment, gathered).text(text);
  if (!gathered.empty()) return gathered.error();
  return secret;
}

Result<Secret> resolve_ledger(const Settings& settings, const EnvironmentLookup& environment) {
  ASSIGN_OR_RETURN(Secret ledger, resolve_secret(settings.ledger, environment));
  if (ledger.reveal().find("://") != std::string_view::npos) return ledger;
  return Secret(below(settings.folder, std::string(ledger.reveal())));
}

Result<StoreEndpoint> resolve_store(const Settings& settings, const std::string& store,
                                    const std::string& in_environment, const EnvironmentLookup& environment) {
  Gathered gathered;
  Resolver resolver(environment, gathered);
  StoreEndpoint endpoint = read_named(settings, store, in_environment, resolver, gathered);
  if (!gathered.empty()) return gathered.error();
  return endpoint;
}

Result<StoreEndpoint> resolve_database(const Settings& settings, const DatabaseSettings& database,
                                       const std::string& in_environment,
                                       const EnvironmentLookup& environment) {
  const auto address = database.store.environments.find(in_environment);
  if (address == database.store.environments.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : database.store.environments)
      names.push_back(name);
    return make_error(ErrorKind::usage,
                      fmt::format("database {} has no environment {}", database.store.name, in_environment),
                      "there is: " + join(names, ", "));
  }
  EnvironmentSettings named;
  named.name = in_environment;
  if (const auto known = settings.environments.find(in_environment); known != settings.environments.end())
    named = known->second;
  Gathered gathered;
  Resolver resolver(environment, gathered);
  StoreEndpoint endpoint =
      read_endpoint(settings, database.store, named, address->second, resolver, gathered);
  if (!gathered.empty()) return gathered.error();
  return endpoint;
}

}  // namespace godwit
