#include "mask/fpe/ff1.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace godwit::mask {

namespace {

__extension__ using Wide = unsigned __int128;
using crypto::AesBlock;

constexpr int ff1_rounds = 10;
constexpr int feistel_rounds = 10;

Wide power(uint32_t radix, size_t exponent) {
  Wide result = 1;
  for (size_t i = 0; i < exponent; ++i)
    result *= radix;
  return result;
}

Wide number_of(std::span<const uint16_t> numerals, uint32_t radix) {
  Wide result = 0;
  for (const uint16_t numeral : numerals)
    result = result * radix + numeral;
  return result;
}

// Bytes that hold radix^length - 1: b of the standard.
size_t bytes_for(uint32_t radix, size_t length) {
  Wide largest = power(radix, length) - 1;
  size_t bytes = 0;
  for (; largest != 0; largest >>= 8)
    ++bytes;
  return std::max<size_t>(bytes, 1);
}

// CBC-MAC with a zero vector, block by block as the message grows.
class CbcMac {
 public:
  explicit CbcMac(const crypto::AesEncryptor& aes) : aes_(aes) {}
  void push(uint8_t byte) {
    state_[used_++] ^= byte;
    if (used_ == state_.size()) {
      aes_.encrypt(state_);
      used_ = 0;
    }
  }
  [[nodiscard]] const AesBlock& state() const {
    CHECK(used_ == 0);
    return state_;
  }

 private:
  const crypto::AesEncryptor& aes_;
  AesBlock state_{};
  size_t used_ = 0;
};

// The first block P of the standard, step 5.
void push_header(CbcMac& mac, uint32_t radix, size_t u, size_t n, size_t tweak_bytes) {
  const std::array<uint8_t, 8> head = {1,
                                       2,
                                       1,
                                       static_cast<uint8_t>(radix >> 16),
                                       static_cast<uint8_t>(radix >> 8),
                                       static_cast<uint8_t>(radix),
                                       10,
                                       static_cast<uint8_t>(u)};
  for (const uint8_t byte : head)
    mac.push(byte);
  for (const size_t number : {n, tweak_bytes}) {
    for (int shift = 24; shift >= 0; shift -= 8)
      mac.push(static_cast<uint8_t>(number >> static_cast<unsigned>(shift)));
  }
}

// The first d bytes of R ‖ AES(R ^ 1) ‖ AES(R ^ 2) ..., as a number modulo `modulus` (< 2^120).
Wide reduce(const crypto::AesEncryptor& aes, const AesBlock& r, size_t d, Wide modulus) {
  Wide result = 0;
  AesBlock block = r;
  for (size_t i = 0; i < d; ++i) {
    if (i > 0 && i % 16 == 0) {
      block = r;
      block[15] = static_cast<uint8_t>(block[15] ^ (i / 16));
      aes.encrypt(block);
    }
    if (i < 16) {
      result = result << 8 | block[i];
      if (i == 15 || i + 1 == d) result %= modulus;
    } else {
      result = (result << 8 | block[i % 16]) % modulus;
    }
  }
  return result;
}

void write_numerals(Wide number, uint32_t radix, std::span<uint16_t> out) {
  if (number <= UINT64_MAX) {
    auto narrow = static_cast<uint64_t>(number);
    for (size_t i = out.size(); i-- > 0; narrow /= radix)
      out[i] = static_cast<uint16_t>(narrow % radix);
    return;
  }
  for (size_t i = out.size(); i-- > 0; number /= radix)
    out[i] = static_cast<uint16_t>(number % radix);
}

}  // namespace

size_t ff1_length_max(uint32_t radix) {
  const auto half = static_cast<size_t>(std::floor(119.9 / std::log2(radix)));
  return 2 * half;
}

void Ff1::encrypt(std::span<uint16_t> numerals, uint32_t radix, std::string_view tweak) const {
  const size_t n = numerals.size();
  CHECK(n >= 2 && n <= ff1_length_max(radix) && radix >= 2 && radix <= 65535);
  const size_t u = n / 2;
  const size_t v = n - u;
  const size_t b = bytes_for(radix, v);
  const size_t d = 4 * ((b + 3) / 4) + 4;
  const Wide modulus_u = power(radix, u);
  const Wide modulus_v = u == v ? modulus_u : power(radix, v);
  Wide left = number_of(numerals.subspan(0, u), radix);
  Wide right = number_of(numerals.subspan(u), radix);

  CbcMac start(aes_);
  push_header(start, radix, u, n, tweak.size());
  for (const char c : tweak)
    start.push(static_cast<uint8_t>(c));
  const size_t padding = (16 - (tweak.size() + b + 1) % 16) % 16;
  for (size_t i = 0; i < padding; ++i)
    start.push(0);

  for (int round = 0; round < ff1_rounds; ++round) {
    CbcMac mac = start;
    mac.push(static_cast<uint8_t>(round));
    for (size_t i = b; i-- > 0;)
      mac.push(static_cast<uint8_t>(right >> (8 * i)));
    const Wide modulus = round % 2 == 0 ? modulus_u : modulus_v;
    Wide next = left + reduce(aes_, mac.state(), d, modulus);
    if (next >= modulus) next -= modulus;
    left = right;
    right = next;
  }
  write_numerals(left, radix, numerals.subspan(0, u));
  write_numerals(right, radix, numerals.subspan(u));
}

uint64_t RangePermutation::permute(uint64_t value, uint64_t size, std::string_view tweak) const {
  CHECK(value < size);
  if (size == 1) return 0;
  const auto bits = static_cast<unsigned>(std::bit_width(size - 1));
  const unsigned half = (std::max(bits, 2U) + 1) / 2;
  const uint64_t mask = half >= 32 ? 0xFFFFFFFFULL : (uint64_t{1} << half) - 1;
  // The tweak and the size are absorbed once: two sizes are two permutations.
  CbcMac start(aes_);
  for (unsigned i = 0; i < 8; ++i)
    start.push(static_cast<uint8_t>(size >> (8 * i)));
  for (unsigned i = 0; i < 8; ++i)
    start.push(static_cast<uint8_t>(tweak.size() >> (8 * i)));
  for (const char c : tweak)
    start.push(static_cast<uint8_t>(c));
  for (size_t i = tweak.size(); i % 16 != 0; ++i)
    start.push(0);
  const AesBlock seed = start.state();
  do {
    uint64_t left = value >> half;
    uint64_t right = value & mask;
    for (uint8_t round = 0; round < feistel_rounds; ++round) {
      AesBlock block = seed;
      block[0] = static_cast<uint8_t>(block[0] ^ round);
      for (unsigned i = 0; i < 4; ++i)
        block[8 + i] = static_cast<uint8_t>(block[8 + i] ^ (right >> (8 * i)));
      aes_.encrypt(block);
      uint64_t word = 0;
      for (unsigned i = 0; i < 8; ++i)
        word = word << 8 | block[i];
      const uint64_t next = (left ^ word) & mask;
      left = right;
      right = next;
    }
    value = left << half | right;
  } while (value >= size);
  return value;
}

}  // namespace godwit::mask
