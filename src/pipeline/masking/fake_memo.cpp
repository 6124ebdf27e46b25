#include "pipeline/masking/fake_memo.h"

#include <functional>

namespace godwit::pipeline {

namespace {

constexpr size_t value_bytes_max = 64;
// Judged again after so many: fewer than one in four came again.
constexpr size_t trial = 16'384;

}  // namespace

const std::string* FakeMemo::find(std::string_view value) {
  ++asked_;
  if (asked_ == trial) {
    worthwhile_ = found_ * 4 >= asked_;
    asked_ = found_ = 0;
  }
  next_ = std::hash<std::string_view>()(value) % slot_count;
  const Slot& slot = slots_[next_];
  if (!slot.taken || slot.value != value) return nullptr;
  ++found_;
  return &slot.fake;
}

void FakeMemo::remember(std::string_view value, std::string_view fake) {
  if (value.size() > value_bytes_max || fake.size() > value_bytes_max) return;
  Slot& slot = slots_[next_];
  slot.taken = true;
  slot.value.assign(value);
  slot.fake.assign(fake);
}

std::unique_ptr<FakeMemo> FakeMemos::borrow() {
  if (!allowed_) return nullptr;
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<FakeMemo>();
  std::unique_ptr<FakeMemo> memo = std::move(idle_.back());
  idle_.pop_back();
  return memo;
}

void FakeMemos::give_back(std::unique_ptr<FakeMemo> memo) {
  if (memo == nullptr) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(memo));
}

}  // namespace godwit::pipeline
