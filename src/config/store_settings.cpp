#include "config/store_settings.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace godwit {

namespace {
constexpr std::array<std::pair<TlsMode, std::string_view>, 5> tls_names = {{
    {TlsMode::verify_full, "verify-full"},
    {TlsMode::verify_ca, "verify-ca"},
    {TlsMode::require, "require"},
    {TlsMode::prefer, "prefer"},
    {TlsMode::disable, "disable"},
}};
}  // namespace

std::string_view to_string(TlsMode mode) {
  for (const auto& [value, name] : tls_names) {
    if (value == mode) return name;
  }
  return "verify-full";
}

std::optional<TlsMode> tls_mode_from(std::string_view text) {
  for (const auto& [value, name] : tls_names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::string tls_hint(const StoreEndpoint& endpoint) {
  const std::string place = endpoint.where.known() ? fmt::format(" ({})", endpoint.where.text()) : "";
  return fmt::format(
      "stores.{}.{}{} asks for tls: {}; name the server's authority with tls_root_certificate, or weaken it "
      "on "
      "purpose with tls: verify-ca, require or disable, or with ?sslmode= in its url: that is explicit for "
      "localhost "
      "too",
      endpoint.store, endpoint.environment, place, to_string(endpoint.tls));
}

}  // namespace godwit
