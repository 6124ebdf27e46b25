#include "schema/convert/address.h"

#include "base/text.h"
#include "config/secret_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::schema {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool encoded =
        text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0;
    out += encoded ? static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2])) : text[i];
    if (encoded) i += 2;
  }
  return out;
}

std::string take(std::string_view& text, std::string_view ends) {
  const size_t end = std::min(text.find_first_of(ends), text.size());
  std::string taken(text.substr(0, end));
  text.remove_prefix(end);
  return taken;
}

void set_password(std::string_view written, const std::string& variable, const std::string& place,
                  StoreEnvironmentSettings& address, std::vector<std::string>& notes) {
  const std::string converted = with_references(written);
  if (has_secret_reference(converted)) {
    address.password.written = converted;
    return;
  }
  address.password.written = fmt::format("${{env:{}}}", variable);
  notes.push_back(fmt::format("the password in {} was not copied: set {}", place, variable));
}

// user and password, host and port.
void read_authority(std::string_view authority, const std::string& variable, const std::string& place,
                    StoreEnvironmentSettings& address, std::vector<std::string>& notes) {
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    std::string_view account = authority.substr(0, at);
    address.user.written = with_references(decoded(take(account, ":")));
    if (account.size() > 1) set_password(account.substr(1), variable, place, address, notes);
    authority.remove_prefix(at + 1);
  }
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  std::string_view host = has_port ? authority.substr(0, colon) : authority;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host.written = host.empty() ? "localhost" : with_references(decoded(host));
  if (!has_port) return;
  const std::string port(authority.substr(colon + 1));
  int number = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (problem == std::errc() && end == port.data() + port.size()) {
    address.port = number;
  } else if (const std::string reference = with_references(port); has_secret_reference(reference)) {
    address.port_reference.written = reference;
  }
}

bool read_sqlite(std::string_view url, StoreEnvironmentSettings& address) {
  for (const std::string_view scheme : {"jdbc:sqlite:", "sqlite3:", "sqlite:", "file:"}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    // Three slashes: a relative path; four: an absolute one.
    if (url.starts_with("///"))
      url.remove_prefix(3);
    else if (url.starts_with("//"))
      url.remove_prefix(2);
    address.path.written = decoded(url.substr(0, url.find('?')));
    return !address.path.written.empty() && address.path.written != ":memory:";
  }
  return false;
}

}  // namespace

bool read_database_url(std::string_view url, const std::string& variable, const std::string& place,
                       StoreEnvironmentSettings& address, std::vector<std::string>& notes) {
  if (read_sqlite(url, address)) return true;
  if (url.starts_with("jdbc:")) url.remove_prefix(5);
  const size_t separator = url.find("://");
  if (separator == std::string_view::npos) return false;
  const std::string_view scheme = url.substr(0, std::min(url.find('+'), separator));
  if (scheme != "postgres" && scheme != "postgresql") return false;
  url.remove_prefix(separator + 3);
  std::string_view query;
  if (const size_t mark = url.find('?'); mark != std::string_view::npos) {
    query = url.substr(mark + 1);
    url = url.substr(0, mark);
  }
  const size_t slash = url.rfind('/');
  const std::string_view database = slash == std::string_view::npos ? "" : url.substr(slash + 1);
  read_authority(url.substr(0, slash), variable, place, address, notes);
  address.database.written = database.empty() ? address.user.written : with_references(decoded(database));
  for (const std::string& parameter : split(query, '&')) {
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string key = parameter.substr(0, equals);
    const std::string value =
        decoded(std::string_view(parameter).substr(std::min(equals + 1, parameter.size())));
    if (key == "sslmode") {
      set_tls(address, value);
    } else if (key == "user") {
      address.user.written = with_references(value);
    } else if (key == "password") {
      set_password(value, variable, place, address, notes);
    } else if (key == "currentSchema") {
      address.schema = value;
    } else if (!key.empty()) {
      notes.push_back(fmt::format("{}: the parameter {} of the URL has no counterpart", place, key));
    }
  }
  if (!address.tls_given) connect_as_libpq(address, notes);
  return true;
}

void connect_as_libpq(StoreEnvironmentSettings& address, std::vector<std::string>& notes) {
  address.tls = TlsMode::prefer;
  address.tls_given = true;
  const std::string note =
      "tls: prefer is how it was connected so far, and does not prove who the server is; verify-full does";
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

void set_tls(StoreEnvironmentSettings& address, std::string_view sslmode) {
  const auto mode = sslmode == "allow" ? TlsMode::prefer : tls_mode_from(sslmode);
  if (!mode) return;
  address.tls = *mode;
  address.tls_given = true;
}

std::string with_references(std::string_view value) {
  std::string out;
  while (true) {
    const size_t begin = value.find("${");
    const size_t end = begin == std::string_view::npos ? begin : value.find('}', begin);
    if (end == std::string_view::npos) return out.append(value);
    std::string_view name = value.substr(begin + 2, end - begin - 2);
    if (name.starts_with("env.")) name.remove_prefix(4);
    out.append(value.substr(0, begin)).append(fmt::format("${{env:{}}}", name));
    value.remove_prefix(end + 1);
  }
}

}  // namespace godwit::schema
