#include "bolt/address.h"

#include "base/text.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace godwit::bolt {
namespace {

constexpr int port_max = 65535;

Error refused(const std::string& why, const std::string& hint = {}) {
  return make_error(ErrorKind::config, "the address of the graph " + why,
                    hint.empty() ? "write it as bolt://HOST:7687, or bolt+s://HOST:7687 for TLS" : hint);
}

std::optional<Encryption> encryption_of(const std::string& scheme) {
  for (const std::string_view name : {"bolt", "neo4j"}) {
    if (scheme == name) return Encryption::none;
    if (scheme == std::string(name) + "+s") return Encryption::verified;
    if (scheme == std::string(name) + "+ssc") return Encryption::self_signed;
  }
  return std::nullopt;
}

bool is_host_name(std::string_view host) {
  if (host.empty()) return false;
  for (const char c : host) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.' && c != '-' && c != '_') return false;
  }
  return true;
}

bool is_ipv6(std::string_view host) {
  // Letters behind '%' name an interface.
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.%ghijklmnopqrstuvwxyz") == std::string_view::npos;
}

std::optional<int> port_of(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > port_max)
    return std::nullopt;
  return port;
}

}  // namespace

std::string Address::shown() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Address> parse_address(const std::string& url) {
  const size_t colon = url.find("://");
  if (colon == std::string::npos) return refused("has no scheme");
  Address out;
  const std::string scheme = to_lower_ascii(url.substr(0, colon));
  if (scheme == "http" || scheme == "https")
    return refused("is one of HTTP, which this program does not speak",
                   "give the Bolt port, which is 7687 where nobody changed it: bolt://HOST:7687");
  const auto encryption = encryption_of(scheme);
  if (!encryption)
    return refused("has a scheme that is not one of bolt, bolt+s, bolt+ssc, neo4j, neo4j+s, neo4j+ssc");
  out.encryption = *encryption;
  std::string_view rest = std::string_view(url).substr(colon + 3);
  if (rest.find('@') != std::string_view::npos)
    return refused("holds a user or a password", "give user and password as settings of their own");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return refused("holds a routing context", "name one server; this program does not route");
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    if (rest.substr(slash) != "/")
      return refused("holds a path", "give the database as a setting of its own");
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos || !is_ipv6(rest.substr(1, end - 1))) return refused("has no host");
    out.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest.front() != ':') return refused("has no port behind its host");
    port = rest.empty() ? rest : rest.substr(1);
    if (rest == ":") return refused("has a port that is not a number from 1 to 65535");
  } else {
    const size_t end = rest.find(':');
    out.host = rest.substr(0, end);
    if (!is_host_name(out.host)) return refused("has no host");
    if (end != std::string_view::npos) {
      port = rest.substr(end + 1);
      if (port.empty()) return refused("has a port that is not a number from 1 to 65535");
    }
  }
  if (port.empty()) return out;
  const auto number = port_of(port);
  if (!number) return refused("has a port that is not a number from 1 to 65535");
  out.port = *number;
  return out;
}

}  // namespace godwit::bolt
