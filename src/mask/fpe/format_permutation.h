// Bijections of texts and integers that keep their format: FF1 where the domain holds a million values or
// more, a keyed permutation below; without fixpoints where the domain holds a hundred or more.
#pragma once

#include "base/result.h"
#include "mask/fpe/ff1.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// Which characters take part. Letters keep their place's case, everything else stays where it is.
class Alphabet {
 public:
  // "" and "digits", "alpha", "alnum" (digits stay digits, letters letters), "hex", or the characters
  // themselves: two or more different ASCII characters. ErrorKind::config otherwise.
  static Result<Alphabet> parse(const std::string& text);

  static constexpr int parts = 2;
  // The part (0 or 1) and the numeral of a character; part -1 when it stays.
  struct Place {
    int16_t part = -1;
    uint8_t numeral = 0;
  };
  [[nodiscard]] Place place(char c) const { return places_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] uint32_t radix(int part) const { return radix_[static_cast<size_t>(part)]; }
  // In the case of the character that stood there.
  [[nodiscard]] char character(int part, uint16_t numeral, char original) const;

 private:
  std::array<Place, 256> places_{};
  std::array<uint32_t, parts> radix_{};
  std::array<std::string, parts> characters_;
  bool letters_case_ = false;  // part 1 holds letters whose case stays
};

class FormatPermutation {
 public:
  // `key`: 32 bytes. `ff1`: use it where the domain allows; false: the range permutation wherever 64 bits
  // hold it.
  FormatPermutation(std::string_view key, bool ff1) : ff1_(key), range_(key), use_ff1_(ff1) {}

  struct Buffers {
    std::array<std::vector<uint16_t>, Alphabet::parts> parts;
    std::vector<uint16_t> image;
    std::vector<uint16_t> neighbour;
    std::string tweak;
  };

  // Replaces `out`. False when no character of the text belongs to the alphabet (out is then the text).
  bool text(std::string_view text, const Alphabet& alphabet, Buffers& buffers, std::string& out) const;
  // A bijection of low..high (both included) onto itself.
  [[nodiscard]] uint64_t integer(uint64_t value, uint64_t low, uint64_t high) const;

 private:
  void encrypt(std::vector<uint16_t>& numerals, uint32_t radix, std::string_view tweak) const;
  void encrypt_without_fixpoint(std::vector<uint16_t>& numerals, uint32_t radix, Buffers& buffers) const;
  [[nodiscard]] uint64_t walk(uint64_t value, uint64_t low, uint64_t high) const;

  Ff1 ff1_;
  RangePermutation range_;
  bool use_ff1_;
};

}  // namespace godwit::mask
