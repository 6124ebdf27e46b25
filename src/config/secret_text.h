// The syntax of secret references inside a text: "${env:NAME}", "${file:path}", and the kinds that need a
// provider (op, aws-sm, vault, age). Pure; src/secrets resolves them.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

struct SecretPiece {
  enum class Kind : uint8_t { literal, environment, file, provider };
  Kind kind = Kind::literal;
  std::string text;      // the literal, the variable's name, the path, what the provider is asked for
  std::string provider;  // "op", "aws-sm", "vault", "age"
};

// ErrorKind::config without a place: unclosed reference, unknown kind, bad name. The message never repeats
// literal text, which may be a credential.
[[nodiscard]] Result<std::vector<SecretPiece>> parse_secret_text(std::string_view written);
[[nodiscard]] bool has_secret_reference(std::string_view written);

// The places of a store URL that could hold a password in the clear:
// "scheme://user:HERE@host/db?password=HERE". True when one of them is literal text.
[[nodiscard]] bool has_literal_password(std::string_view url);

}  // namespace godwit
