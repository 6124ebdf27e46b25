#include "schema/run/uuid.h"

#include <fmt/format.h>

namespace godwit::schema {

std::string new_uuid(const std::function<uint64_t()>& random_number) {
  const uint64_t high = (random_number() & ~uint64_t{0xF000}) | uint64_t{0x4000};
  const uint64_t low = (random_number() & ~(uint64_t{0xC} << 60U)) | (uint64_t{0x8} << 60U);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFU);
}

}  // namespace godwit::schema
