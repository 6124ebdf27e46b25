// A random UUID (RFC 9562, version 4), lower case.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace godwit::schema {

[[nodiscard]] std::string new_uuid(const std::function<uint64_t()>& random_number);

}  // namespace godwit::schema
