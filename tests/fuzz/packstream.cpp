// A Bolt message, as a hostile server could send it, in chunks: it is read or refused. What was read and can
// be sent is the same value when it comes back.
#include "bolt/wire/packstream.h"

#include "tests/fuzz/input.h"

#include <algorithm>

namespace godwit::bolt {
namespace {

constexpr size_t message_bytes_max = size_t{1} << 20;
constexpr size_t piece_bytes_max = 64;

void round_trip(const Value& value, Dialect dialect) {
  FramedBytes frames;
  PackWriter out(frames, dialect);
  out.value(value);
  if (!out.status().ok()) return;  // nodes, relationships and paths are only received
  frames.end_message();
  MessageAssembler in(message_bytes_max * 16);
  frames.bytes().copy(in.room(frames.bytes().size()), frames.bytes().size());
  in.received(frames.bytes().size());
  const auto message = in.next();
  fuzz::demand(message.ok() && !message->empty(), "what is framed comes out whole");
  const auto again = PackReader(*message, dialect).value();
  fuzz::demand(again.ok() && *again == value, "a value that is written is read again");
}

void read(std::string_view message, Dialect dialect) {
  PackReader head(message, dialect);
  if (const auto structure = head.structure(); structure.ok()) static_cast<void>(head.list());
  PackReader in(message, dialect, {16, 10'000});
  while (!in.at_end()) {
    const auto value = in.value();
    if (!value.ok()) {
      fuzz::demand(!value.error().message.empty(), "a refusal says why");
      return;
    }
    round_trip(*value, dialect);
  }
}

}  // namespace
}  // namespace godwit::bolt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  fuzz::Input input(data, size);
  const unsigned flags = input.byte();
  const bolt::Dialect dialect{(flags & 1) != 0, (flags & 2) != 0};
  const size_t piece = 1 + input.byte() % bolt::piece_bytes_max;
  std::string_view rest = input.rest();
  if ((flags & 4) != 0) {
    bolt::read(rest, dialect);
    return 0;
  }
  bolt::MessageAssembler in(bolt::message_bytes_max);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, piece);
    part.copy(in.room(piece), part.size());
    in.received(part.size());
    rest.remove_prefix(part.size());
    for (;;) {
      const auto message = in.next();
      if (!message.ok()) return 0;
      if (message->empty()) break;
      bolt::read(*message, dialect);
    }
  }
  return 0;
}
