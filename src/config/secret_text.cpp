#include "config/secret_text.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit {

namespace {

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Error wrong(std::string message) {
  return make_error(ErrorKind::config, std::move(message), "write ${env:NAME} or ${file:path}");
}

// `body` is what stands between "${" and "}".
Result<SecretPiece> parse_reference(std::string_view body) {
  const size_t colon = body.find(':');
  const std::string_view kind = body.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : body.substr(colon + 1);
  if (kind == "env") {
    if (!is_variable_name(rest)) {
      return wrong(fmt::format("'${{env:{}}}' does not name an environment variable", rest));
    }
    return SecretPiece{SecretPiece::Kind::environment, std::string(rest), ""};
  }
  if (kind == "file") {
    if (rest.empty()) return wrong("'${file:}' names no file");
    return SecretPiece{SecretPiece::Kind::file, std::string(rest), ""};
  }
  const std::vector<std::string> providers = {"op", "aws-sm", "vault", "age"};
  if (std::find(providers.begin(), providers.end(), kind) != providers.end()) {
    if (rest.empty()) return wrong(fmt::format("'${{{}:}}' names nothing", kind));
    return SecretPiece{SecretPiece::Kind::provider, std::string(rest), std::string(kind)};
  }
  // A reference without a colon is most often a variable name.
  if (colon == std::string_view::npos && is_variable_name(kind)) {
    return wrong(fmt::format("'${{{0}}}' is not a reference: did you mean '${{env:{0}}}'?", kind));
  }
  return wrong(
      fmt::format("'${{{}:…}}' is not a known kind of reference: env, file, op, aws-sm, vault, age", kind));
}

}  // namespace

Result<std::vector<SecretPiece>> parse_secret_text(std::string_view written) {
  std::vector<SecretPiece> pieces;
  while (!written.empty()) {
    const size_t open = written.find("${");
    if (open != 0) {
      pieces.push_back({SecretPiece::Kind::literal, std::string(written.substr(0, open)), ""});
      if (open == std::string_view::npos) break;
      written.remove_prefix(open);
      continue;
    }
    const size_t close = written.find('}');
    if (close == std::string_view::npos) return wrong("a reference that begins with '${' has no '}'");
    ASSIGN_OR_RETURN(SecretPiece piece, parse_reference(written.substr(2, close - 2)));
    pieces.push_back(std::move(piece));
    written.remove_prefix(close + 1);
  }
  return pieces;
}

bool has_secret_reference(std::string_view written) {
  const auto pieces = parse_secret_text(written);
  return pieces.ok() && std::any_of(pieces->begin(), pieces->end(), [](const SecretPiece& piece) {
           return piece.kind != SecretPiece::Kind::literal;
         });
}

bool has_literal_password(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = url.substr(scheme + 3);
  const size_t query = rest.find('?');
  const std::string_view address = rest.substr(0, query);
  const size_t at = address.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user_info = address.substr(0, at);
    // "${env:X}" holds a colon of its own: look behind the references.
    size_t from = 0;
    for (size_t close = 0; (close = user_info.find('}', from)) != std::string_view::npos;) {
      const size_t open = user_info.find("${", from);
      if (open == std::string_view::npos ||
          user_info.substr(from, open - from).find(':') != std::string_view::npos) {
        break;
      }
      from = close + 1;
    }
    const size_t colon = user_info.find(':', from);
    const std::string_view password = colon == std::string_view::npos ? "" : user_info.substr(colon + 1);
    if (!password.empty() && !has_secret_reference(password)) return true;
  }
  if (query == std::string_view::npos) return false;
  for (const auto& parameter : split(rest.substr(query + 1), '&')) {
    constexpr std::string_view name = "password=";
    if (parameter.starts_with(name) && parameter.size() > name.size() &&
        !has_secret_reference(parameter.substr(name.size()))) {
      return true;
    }
  }
  return false;
}

}  // namespace godwit
