#include "duck/capi/error_carrier.h"

#include <charconv>

namespace godwit::duck {
namespace {
constexpr std::string_view ticket_prefix = "godwit-error-ticket-";
constexpr size_t waiting_max = 256;
}  // namespace

std::string ErrorCarrier::put(Error error) {
  const std::lock_guard lock(mutex_);
  const uint64_t ticket = next_++;
  waiting_.emplace(ticket, std::move(error));
  if (waiting_.size() > waiting_max) waiting_.erase(waiting_.begin());
  return std::string(ticket_prefix) + std::to_string(ticket) + ".";
}

std::optional<Error> ErrorCarrier::take(std::string_view message) {
  const size_t at = message.find(ticket_prefix);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = message.substr(at + ticket_prefix.size());
  uint64_t ticket = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), ticket);
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return std::nullopt;
  Error error = std::move(found->second);
  waiting_.erase(found);
  return error;
}

}  // namespace godwit::duck
