// ip: the documentation ranges of RFC 5737 and RFC 3849. mac: locally administered addresses.
#include "mask/strategies/strategies.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace godwit::mask {

namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr std::array<std::string_view, 3> documentation_v4 = {"192.0.2.", "198.51.100.", "203.0.113."};

// Hosts 1..254 of three networks.
constexpr double capacity_v4 = 762;

void append_hexadecimal(uint32_t number, std::string& out) {
  std::array<char, 8> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, 16);
  out.append(buffer.data(), end);
}

class IpMask final : public Mask {
 public:
  IpMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)),
        origin_(spec, "ip", Canon::address, shape, context),
        network_(shape.type_name == "cidr"),
        max_length_(shape.max_length) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    const size_t slash = scratch.canonical.find('/');
    std::string_view suffix = slash == std::string::npos
                                  ? std::string_view()
                                  : std::string_view(scratch.canonical).substr(slash + 1);
    // Without room for it the suffix goes, and version 6 gives way to 4: the fake may be longer than its
    // original.
    if (!fits(std::string(18, 'x'), max_length_)) suffix = {};
    const bool v6 = scratch.canonical.find(':') != std::string::npos &&
                    fits(std::string(suffix.empty() ? 39 : 43, 'x'), max_length_);
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      scratch.out.clear();
      const Draw draw = origin_.draw(scratch, counter);
      if (v6) {
        append_v6(draw, suffix, scratch.out);
      } else {
        append_v4(draw, suffix, scratch.out);
      }
      if (scratch.out != scratch.canonical) break;
    }
    out = Value::of(scratch.out);
    return {};
  }

  static int prefix_length(std::string_view suffix) {
    int bits = 0;
    std::from_chars(suffix.data(), suffix.data() + suffix.size(), bits);
    return bits;
  }

  void append_v4(const Draw& draw, std::string_view suffix, std::string& out) const {
    out.append(documentation_v4[draw.pick(0, documentation_v4.size())]);
    size_t host = 1 + draw.pick(1, 254);
    if (suffix.empty()) {
      out.append(std::to_string(host));
      return;
    }
    // A wider network would leave the documentation range.
    const int bits = std::clamp(prefix_length(suffix), 24, 32);
    if (network_) host &= ~((size_t{1} << (32 - bits)) - 1);
    out.append(std::to_string(host)).append("/").append(std::to_string(bits));
  }

  // Six groups of 0x1000 and more: no group is shortened, so the text is the form that PostgreSQL prints.
  void append_v6(const Draw& draw, std::string_view suffix, std::string& out) const {
    out.append("2001:db8");
    if (!suffix.empty() && network_) {
      out.append(":");
      append_hexadecimal(0x1000U + static_cast<uint32_t>(draw.pick(0, 0xF000)), out);
      out.append("::/48");
      return;
    }
    for (size_t group = 0; group < 6; ++group) {
      out.push_back(':');
      append_hexadecimal(0x1000U + static_cast<uint32_t>(draw.pick(group, 0xF000)), out);
    }
    if (!suffix.empty()) out.append("/").append(std::to_string(std::clamp(prefix_length(suffix), 32, 128)));
  }

  Origin origin_;
  bool network_;
  int max_length_;
};

// The original's separators and case; the first octet says "locally administered": no vendor's, nobody's.
class MacMask final : public Mask {
 public:
  MacMask(const MaskSpec& spec, const ColumnShape& shape, const Context& context, Traits traits)
      : Mask(std::move(traits)), origin_(spec, "mac", Canon::address, shape, context) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    RETURN_IF_ERROR(origin_.prepare(inputs, scratch));
    std::string_view form = inputs[0].text;
    const auto places = std::count_if(form.begin(), form.end(), is_hex);
    if ((places != 12 && places != 16) || form.size() > 23) form = "00:00:00:00:00:00";
    const bool upper = std::any_of(form.begin(), form.end(), [](char c) { return c >= 'A' && c <= 'F'; });
    for (uint32_t counter = 0; counter <= redraws_max; ++counter) {
      render(origin_.draw(scratch, counter), form, upper, scratch.out);
      if (scratch.out != inputs[0].text) break;
    }
    out = Value::of(scratch.out);
    return {};
  }

  static void render(const Draw& draw, std::string_view form, bool upper, std::string& out) {
    const std::string_view alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    out.clear();
    size_t nibble = 0;
    for (const char c : form) {
      if (!is_hex(c)) {
        out.push_back(c);
        continue;
      }
      const uint8_t byte = nibble < 2 ? 0x02 : draw.bytes[nibble / 2];
      out.push_back(alphabet[nibble % 2 == 0 ? byte >> 4 : byte & 15U]);
      ++nibble;
    }
  }

  Origin origin_;
};

}  // namespace

MaskResult make_network(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type != ValueType::text) return wrong_type(spec, shape);
  const bool ip = spec.argument == "ip";
  if (shape.max_length > 0 && shape.max_length < (ip ? 15 : 12)) {
    return refused("template " + spec.argument + " does not fit a column of " +
                       std::to_string(shape.max_length) + " characters",
                   "use token or constant");
  }
  Traits traits;
  traits.uses_subject = !spec.subject.empty();
  traits.always_changes = true;
  traits.capacity = ip ? capacity_v4 : 1099511627776.0;
  traits.text = (ip ? "address of a documentation range" : "locally administered address") + by_subject(spec);
  if (ip) return std::unique_ptr<Mask>(std::make_unique<IpMask>(spec, shape, context, traits));
  return std::unique_ptr<Mask>(std::make_unique<MacMask>(spec, shape, context, traits));
}

}  // namespace godwit::mask
