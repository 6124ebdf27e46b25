// The fakes of values that come again: a name that a thousand rows hold is masked once, not a thousand times.
//
// Only for masks whose fake depends on one text alone. Holds originals in memory, as the rows beside it do.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::pipeline {

// One thread at a time. Gives up for good when too few values came again.
class FakeMemo {
 public:
  // The fake that remember() was told for this value; null when it is not known. Good until remember().
  [[nodiscard]] const std::string* find(std::string_view value);
  void remember(std::string_view value, std::string_view fake);
  // False once looking values up would cost more than it saves.
  [[nodiscard]] bool worthwhile() const { return worthwhile_; }

 private:
  static constexpr size_t slot_count = 4096;
  struct Slot {
    bool taken = false;
    std::string value;
    std::string fake;
  };

  std::vector<Slot> slots_ = std::vector<Slot>(slot_count);
  size_t next_ = 0;  // where the value of the last find() belongs
  size_t asked_ = 0;
  size_t found_ = 0;
  bool worthwhile_ = true;
};

// The memos of one mask: whoever works on a chunk borrows one. Safe from any thread.
class FakeMemos {
 public:
  explicit FakeMemos(bool allowed) : allowed_(allowed) {}
  // Null where the mask allows none.
  [[nodiscard]] std::unique_ptr<FakeMemo> borrow();
  void give_back(std::unique_ptr<FakeMemo> memo);

 private:
  const bool allowed_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<FakeMemo>> idle_;
};

}  // namespace godwit::pipeline
