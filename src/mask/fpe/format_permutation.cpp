#include "mask/fpe/format_permutation.h"

#include <algorithm>
#include <cmath>

namespace godwit::mask {

namespace {

constexpr double ff1_domain_min = 1'000'000;  // NIST SP 800-38G revision 1
constexpr uint64_t derange_min = 100;
constexpr double word_limit = 9.0e18;

double domain_size(size_t length, uint32_t radix) {
  return std::pow(static_cast<double>(radix), static_cast<double>(length));
}

// The next or the previous numeral string, wrapping around.
void step(std::vector<uint16_t>& numerals, uint32_t radix, bool up) {
  for (size_t i = numerals.size(); i-- > 0;) {
    const uint32_t edge = up ? radix - 1 : 0;
    if (numerals[i] != edge) {
      numerals[i] = static_cast<uint16_t>(up ? numerals[i] + 1 : numerals[i] - 1);
      return;
    }
    numerals[i] = static_cast<uint16_t>(up ? 0 : radix - 1);
  }
}

size_t digits_of(uint64_t value) {
  size_t digits = 1;
  for (; value >= 10; value /= 10)
    ++digits;
  return digits;
}

}  // namespace

Result<Alphabet> Alphabet::parse(const std::string& text) {
  Alphabet alphabet;
  const std::string digits = "0123456789";
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  if (text.empty() || text == "digits") {
    alphabet.characters_[0] = digits;
  } else if (text == "alpha" || text == "alnum") {
    if (text == "alnum") alphabet.characters_[0] = digits;
    alphabet.characters_[1] = letters;
    alphabet.letters_case_ = true;
  } else if (text == "hex") {
    alphabet.characters_[0] = digits + "abcdef";
  } else {
    alphabet.characters_[0] = text;
  }
  for (size_t part = 0; part < parts; ++part) {
    const std::string& characters = alphabet.characters_[part];
    alphabet.radix_[part] = static_cast<uint32_t>(characters.size());
    for (size_t i = 0; i < characters.size(); ++i) {
      const auto c = static_cast<unsigned char>(characters[i]);
      if (c >= 128 || alphabet.places_[c].part >= 0 || characters.size() < 2) {
        return make_error(ErrorKind::config, "an alphabet is two or more different ASCII characters",
                          "known by name: digits alpha alnum hex");
      }
      alphabet.places_[c] = {static_cast<int8_t>(part), static_cast<uint8_t>(i)};
    }
  }
  if (text == "alpha" || text == "alnum" || text == "hex") {
    for (char c = 'A'; c <= 'Z'; ++c) {
      alphabet.places_[static_cast<unsigned char>(c)] = alphabet.places_[static_cast<unsigned char>(c + 32)];
    }
  }
  return alphabet;
}

char Alphabet::character(int part, uint16_t numeral, char original) const {
  const char c = characters_[static_cast<size_t>(part)][numeral];
  const bool upper = letters_case_ && part == 1 && original >= 'A' && original <= 'Z';
  return upper ? static_cast<char>(c - 32) : c;
}

void FormatPermutation::encrypt(std::vector<uint16_t>& numerals, uint32_t radix,
                                std::string_view tweak) const {
  const double size = domain_size(numerals.size(), radix);
  const bool ff1 = numerals.size() >= 2 && (use_ff1_ ? size >= ff1_domain_min : size >= word_limit);
  if (!ff1) {
    uint64_t value = 0;
    for (const uint16_t numeral : numerals)
      value = value * radix + numeral;
    uint64_t count = 1;
    for (size_t i = 0; i < numerals.size(); ++i)
      count *= radix;
    value = range_.permute(value, count, tweak);
    for (size_t i = numerals.size(); i-- > 0; value /= radix)
      numerals[i] = static_cast<uint16_t>(value % radix);
    return;
  }
  const size_t limit = ff1_length_max(radix);
  if (numerals.size() <= limit) {
    ff1_.encrypt(numerals, radix, tweak);
    return;
  }
  // Longer than the arithmetic holds: pieces of about equal length, each tweaked by the piece before it.
  const size_t pieces = (numerals.size() + limit - 1) / limit;
  const std::span<uint16_t> all(numerals);
  std::string piece_tweak(tweak);
  for (size_t piece = 0; piece < pieces; ++piece) {
    const size_t begin = numerals.size() * piece / pieces;
    const std::span<uint16_t> part = all.subspan(begin, numerals.size() * (piece + 1) / pieces - begin);
    ff1_.encrypt(part, radix, piece_tweak);
    for (const uint16_t numeral : part)
      piece_tweak.push_back(static_cast<char>(numeral));
  }
}

// Let p be the encryption. A run of fixpoints x, x+1, ..., z-1 is closed by the next value z into one cycle:
// x -> x+1 -> ... -> z -> ... : value i of the run takes p(i+1), and z takes x. A bijection again, without
// the run.
void FormatPermutation::encrypt_without_fixpoint(std::vector<uint16_t>& numerals, uint32_t radix,
                                                 Buffers& buffers) const {
  std::vector<uint16_t>& image = buffers.image;
  std::vector<uint16_t>& neighbour = buffers.neighbour;
  image = numerals;
  encrypt(image, radix, buffers.tweak);
  if (domain_size(numerals.size(), radix) < static_cast<double>(derange_min)) {
    numerals = image;
    return;
  }
  if (image == numerals) {
    step(numerals, radix, true);
    encrypt(numerals, radix, buffers.tweak);
    return;
  }
  neighbour = numerals;
  while (true) {
    step(neighbour, radix, false);
    std::vector<uint16_t>& moved = numerals;
    moved = neighbour;
    encrypt(moved, radix, buffers.tweak);
    if (moved != neighbour) break;
    image = neighbour;  // the start of the run so far
  }
  numerals = image;
}

bool FormatPermutation::text(std::string_view text, const Alphabet& alphabet, Buffers& buffers,
                             std::string& out) const {
  for (auto& part : buffers.parts)
    part.clear();
  for (const char c : text) {
    const Alphabet::Place place = alphabet.place(c);
    if (place.part >= 0) buffers.parts[static_cast<size_t>(place.part)].push_back(place.numeral);
  }
  out.assign(text);
  if (buffers.parts[0].empty() && buffers.parts[1].empty()) return false;
  // Each part is tweaked by the other one as it stands: a bijection of the pair. The larger part moves last
  // and loses its fixpoints, so that the whole has none.
  const bool second_larger =
      !buffers.parts[1].empty() &&
      (buffers.parts[0].empty() || domain_size(buffers.parts[1].size(), alphabet.radix(1)) >
                                       domain_size(buffers.parts[0].size(), alphabet.radix(0)));
  const int larger = second_larger ? 1 : 0;
  for (const int part : {1 - larger, larger}) {
    auto& numerals = buffers.parts[static_cast<size_t>(part)];
    if (numerals.empty()) continue;
    buffers.tweak.clear();
    for (const uint16_t numeral : buffers.parts[static_cast<size_t>(1 - part)]) {
      buffers.tweak.push_back(static_cast<char>(numeral));
    }
    if (part == larger) {
      encrypt_without_fixpoint(numerals, alphabet.radix(part), buffers);
    } else {
      encrypt(numerals, alphabet.radix(part), buffers.tweak);
    }
  }
  std::array<size_t, Alphabet::parts> next{};
  for (char& c : out) {
    const Alphabet::Place place = alphabet.place(c);
    if (place.part < 0) continue;
    const auto part = static_cast<size_t>(place.part);
    c = alphabet.character(place.part, buffers.parts[part][next[part]++], c);
  }
  return true;
}

// One step of the permutation of low..high.
uint64_t FormatPermutation::walk(uint64_t value, uint64_t low, uint64_t high) const {
  const uint64_t size = high - low + 1;
  const size_t length = digits_of(high);
  if (!use_ff1_ || static_cast<double>(size) < ff1_domain_min || length > 18) {
    return low + range_.permute(value - low, size, {});
  }
  std::array<uint16_t, 20> numerals{};
  const std::span<uint16_t> digits(numerals.data(), length);
  do {
    for (size_t i = length; i-- > 0; value /= 10)
      digits[i] = static_cast<uint16_t>(value % 10);
    ff1_.encrypt(digits, 10, {});
    value = 0;
    for (const uint16_t digit : digits)
      value = value * 10 + digit;
  } while (value < low || value > high);
  return value;
}

uint64_t FormatPermutation::integer(uint64_t value, uint64_t low, uint64_t high) const {
  const uint64_t image = walk(value, low, high);
  if (high - low + 1 < derange_min) return image;
  const auto before = [&](uint64_t x) { return x == low ? high : x - 1; };
  if (image == value) return walk(value == high ? low : value + 1, low, high);
  uint64_t start = value;
  while (walk(before(start), low, high) == before(start))
    start = before(start);
  return start == value ? image : start;
}

}  // namespace godwit::mask
