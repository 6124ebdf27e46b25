#include "bolt/wire/chunking.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace godwit::bolt {
namespace {

using namespace std::string_literals;

constexpr size_t plenty = size_t{1} << 20;

void give(MessageAssembler& in, std::string_view bytes) {
  std::memcpy(in.room(bytes.size()), bytes.data(), bytes.size());
  in.received(bytes.size());
}

// All messages that `bytes` hold, given `step` bytes at a time.
std::vector<std::string> messages_of(std::string_view bytes, size_t step) {
  MessageAssembler in(plenty);
  std::vector<std::string> out;
  while (!bytes.empty()) {
    give(in, bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      const auto message = in.next();
      EXPECT_TRUE(message.ok());
      if (!message.ok() || message->empty()) break;
      out.emplace_back(*message);
    }
  }
  return out;
}

std::string pattern(size_t size) {
  std::string out(size, '\0');
  for (size_t i = 0; i < size; ++i)
    out[i] = static_cast<char>(i * 31 % 251);
  return out;
}

// The examples of the manual.
const std::string sixteen = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F"s;
const std::string eight = "\x0F\x0E\x0D\x0C\x0B\x0A\x09\x08"s;

TEST(Chunking, GoldenOneChunk) {
  FramedBytes out;
  out.append(sixteen);
  out.end_message();
  EXPECT_EQ(out.bytes(), "\x00\x10"s + sixteen + "\x00\x00"s);
}

TEST(Chunking, GoldenTwoMessagesWithANoopBetween) {
  const std::string wire =
      "\x00\x10"s + sixteen + "\x00\x00"s + "\x00\x00"s + "\x00\x08"s + eight + "\x00\x00"s;
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{17}, wire.size()})
    EXPECT_EQ(messages_of(wire, step), (std::vector<std::string>{sixteen, eight})) << step;
}

TEST(Chunking, GoldenOneMessageInTwoChunks) {
  const std::string tail = "\x01\x02\x03\x04"s;
  const std::string wire = "\x00\x10"s + sixteen + "\x00\x04"s + tail + "\x00\x00"s;
  for (const size_t step : {size_t{1}, size_t{5}, wire.size()})
    EXPECT_EQ(messages_of(wire, step), std::vector<std::string>{sixteen + tail}) << step;
}

TEST(Chunking, NoopsAreNoMessages) {
  EXPECT_TRUE(messages_of(std::string(64, '\0'), 3).empty());
}

TEST(Chunking, SizesAroundTheLargestChunkComeBack) {
  for (const size_t size : {size_t{1}, size_t{65534}, size_t{65535}, size_t{65536}, size_t{131070},
                            size_t{131071}, size_t{300000}}) {
    const std::string message = pattern(size);
    FramedBytes whole;
    whole.append(message);
    whole.end_message();
    FramedBytes pieces;
    for (size_t i = 0; i < size; i += 1000)
      pieces.append(std::string_view(message).substr(i, 1000));
    pieces.end_message();
    EXPECT_EQ(whole.bytes(), pieces.bytes()) << size;
    FramedBytes single;
    for (const char byte : message)
      single.append(byte);
    single.end_message();
    EXPECT_EQ(whole.bytes(), single.bytes()) << size;
    EXPECT_EQ(messages_of(whole.bytes(), 70000), std::vector<std::string>{message}) << size;
    const size_t chunks = (size + chunk_bytes_max - 1) / chunk_bytes_max;
    EXPECT_EQ(whole.bytes().size(), size + 2 * chunks + 2);
  }
}

TEST(Chunking, ADroppedMessageLeavesNothing) {
  FramedBytes out;
  out.append(eight);
  out.end_message();
  const std::string before(out.bytes());
  out.append(pattern(100000));
  out.drop_message();
  EXPECT_EQ(out.bytes(), before);
  out.append(sixteen);
  out.end_message();
  EXPECT_EQ(messages_of(out.bytes(), 7), (std::vector<std::string>{eight, sixteen}));
}

TEST(Chunking, AMessageLargerThanAllowedIsRefusedBeforeItIsHeld) {
  MessageAssembler in(100);
  give(in, "\x00\x32"s + std::string(50, 'a') + "\x00\x32"s + std::string(50, 'b'));
  ASSERT_TRUE(in.next().ok());
  // One byte more is announced; it never has to come.
  give(in, "\x00\x01"s);
  const auto refused = in.next();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
}

}  // namespace
}  // namespace godwit::bolt
