#include "mask/keyring.h"

#include "base/text.h"
#include "crypto/hkdf.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace godwit::mask {

namespace {

constexpr std::string_view salt = "godwit.mask.1";
constexpr double bits_min = 128;
constexpr int distinct_min = 8;

std::array<char, 4> big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::string domain_fields(std::string_view domain, int version) {
  std::string fields;
  append_field(domain, fields);
  append_field(std::to_string(version), fields);
  return fields;
}

// What the characters could hold at most, judged by the narrowest alphabet that they all belong to.
double bits_at_most(std::string_view text) {
  bool digits = true, hexadecimal = true, words = true;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    digits = digits && std::isdigit(u) != 0;
    hexadecimal = hexadecimal && std::isxdigit(u) != 0;
    words = words && (std::islower(u) != 0 || c == ' ' || c == '-' || c == '_');
  }
  // A phrase of lower-case words holds about two bits per letter; the rest is taken for random.
  const double per_character = digits ? 3.32 : hexadecimal ? 4.0 : words ? 2.0 : 5.9;
  return per_character * static_cast<double>(text.size());
}

}  // namespace

void append_field(std::string_view bytes, std::string& out) {
  const auto length = big_endian(static_cast<uint32_t>(bytes.size()));
  out.append(length.data(), length.size());
  out.append(bytes);
}

Result<Keyring> Keyring::from(const Secret& master) {
  const std::string_view text = trim(master.reveal());
  constexpr std::string_view hint = "make one with: openssl rand -base64 32";
  if (text.empty())
    return make_error(ErrorKind::missing_secret, "the masking key is empty", std::string(hint));
  std::array<bool, 256> seen{};
  for (const char c : text)
    seen[static_cast<unsigned char>(c)] = true;
  const auto distinct = std::count(seen.begin(), seen.end(), true);
  if (bits_at_most(text) < bits_min || distinct < distinct_min) {
    return make_error(ErrorKind::config, "the masking key holds less than 128 bits", std::string(hint));
  }
  Keyring keyring;
  keyring.master_ = Secret(std::string(text));
  const Secret print = keyring.key("godwit.fingerprint", 1);
  keyring.fingerprint_ = crypto::sha256_hex(print.reveal()).substr(0, 16);
  return keyring;
}

Secret Keyring::key(std::string_view domain, int version, std::string_view purpose) const {
  std::string information = domain_fields(domain, version);
  if (!purpose.empty()) append_field(purpose, information);
  return crypto::hkdf_sha256(master_.reveal(), salt, information, 32);
}

void Draw::append_hash(size_t characters, std::string& out) const {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<char, 51> text;
  const size_t length = std::min(characters, text.size());
  uint32_t held = 0;
  unsigned held_bits = 0;
  size_t next = 0;
  for (size_t i = 0; i < length; ++i) {
    if (held_bits < 5) {
      held = held << 8 | bytes[next++];
      held_bits += 8;
    }
    held_bits -= 5;
    text[i] = alphabet[(held >> held_bits) & 31U];
  }
  out.append(text.data(), length);
}

void Draw::append_digits(size_t count, std::string& out) const {
  uint64_t number = wide(5);
  size_t left = 18;
  for (size_t i = 0; i < count; ++i) {
    if (left-- == 0) {
      number = number * 6364136223846793005ULL + wide(0);
      left = 17;
    }
    // The high half of a multiply by ten: the next decimal place of number / 2^64.
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(number) * 10;
    out.push_back(static_cast<char>('0' + static_cast<int>(product >> 64)));
    number = static_cast<uint64_t>(product);
  }
}

DomainKey::DomainKey(const Keyring& keyring, std::string_view domain, int version)
    : hmac_(crypto::HmacSha256(keyring.key(domain, version).reveal())
                .with_prefix(domain_fields(domain, version))) {}

Draw DomainKey::draw(std::string_view canonical, uint32_t counter) const {
  const auto length = big_endian(static_cast<uint32_t>(canonical.size()));
  crypto::Sha256 state = hmac_.begin();
  state.update({length.data(), length.size()}).update(canonical);
  if (counter != 0) {
    const auto four = big_endian(4);
    const auto bytes = big_endian(counter);
    state.update({four.data(), four.size()}).update({bytes.data(), bytes.size()});
  }
  return {hmac_.end(state)};
}

}  // namespace godwit::mask
