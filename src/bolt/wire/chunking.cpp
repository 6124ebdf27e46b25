#include "bolt/wire/chunking.h"

#include "base/check.h"

#include <algorithm>
#include <cstring>

namespace godwit::bolt {
namespace {

constexpr size_t kept_bytes_max = size_t{4} << 20;

size_t size_at(const char* header) {
  return static_cast<size_t>(static_cast<unsigned char>(header[0])) << 8 |
         static_cast<unsigned char>(header[1]);
}

}  // namespace

void FramedBytes::open_chunk() {
  close_chunk();
  chunk_begin_ = bytes_.size();
  bytes_.append(2, '\0');
}

void FramedBytes::close_chunk() {
  if (chunk_begin_ == none) return;
  const size_t size = open_bytes();
  bytes_[chunk_begin_] = static_cast<char>(size >> 8);
  bytes_[chunk_begin_ + 1] = static_cast<char>(size & 0xff);
  chunk_begin_ = none;
}

void FramedBytes::append(std::string_view data) {
  while (!data.empty()) {
    if (chunk_begin_ == none || open_bytes() == chunk_bytes_max) open_chunk();
    const size_t part = std::min(data.size(), chunk_bytes_max - open_bytes());
    bytes_.append(data.substr(0, part));
    data.remove_prefix(part);
  }
}

void FramedBytes::end_message() {
  CHECK(chunk_begin_ != none);
  close_chunk();
  bytes_.append(2, '\0');
  message_begin_ = bytes_.size();
}

void FramedBytes::drop_message() {
  bytes_.resize(message_begin_);
  chunk_begin_ = none;
}

std::string_view FramedBytes::bytes() const {
  CHECK(chunk_begin_ == none && message_begin_ == bytes_.size());
  return bytes_;
}

void FramedBytes::clear() {
  bytes_.clear();
  if (bytes_.capacity() > kept_bytes_max) bytes_.shrink_to_fit();
  message_begin_ = 0;
  chunk_begin_ = none;
}

void FramedBytes::wipe() {
  bytes_.resize(bytes_.capacity());
  for (char& c : bytes_) {
    volatile char* p = &c;  // volatile: the store is not optimised away
    *p = '\0';
  }
  clear();
}

char* MessageAssembler::room(size_t size) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + size) buffer_.resize(end_ + size);
  return buffer_.data() + end_;
}

void MessageAssembler::received(size_t size) {
  CHECK(end_ + size <= buffer_.size());
  end_ += size;
}

Result<std::string_view> MessageAssembler::next() {
  if (delivered_) {
    message_.clear();
    if (message_.capacity() > kept_bytes_max) message_.shrink_to_fit();
    delivered_ = false;
  }
  while (end_ - begin_ >= 2) {
    const char* header = buffer_.data() + begin_;
    const size_t size = size_at(header);
    if (size == 0) {
      begin_ += 2;
      if (message_.empty()) continue;  // keeps the connection alive, says nothing
      delivered_ = true;
      return std::string_view(message_);
    }
    if (message_.size() + size > message_bytes_max_) {
      return make_error(ErrorKind::failed, "the server sent a message larger than this program holds",
                        "read fewer or smaller properties at a time");
    }
    if (end_ - begin_ < 2 + size) return std::string_view();
    const std::string_view payload(header + 2, size);
    // Most messages are one chunk and stay where they are.
    if (message_.empty() && end_ - begin_ >= 4 + size && size_at(header + 2 + size) == 0) {
      begin_ += 4 + size;
      return payload;
    }
    message_.append(payload);
    begin_ += 2 + size;
  }
  return std::string_view();
}

}  // namespace godwit::bolt
