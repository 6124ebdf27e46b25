#include "model/run.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(RunId, Grammar) {
  EXPECT_TRUE(is_run_id("mig-20261121-025219-001"));
  EXPECT_TRUE(is_run_id("mig-20261121-001"));
  EXPECT_TRUE(is_run_id("rb-20261121-025219-1234"));
  EXPECT_FALSE(is_run_id("mig-20261121"));
  EXPECT_FALSE(is_run_id("mig-20261121-02521-001"));
  EXPECT_FALSE(is_run_id("xyz-20261121-001"));
  EXPECT_FALSE(is_run_id("mig-20261121-001;drop"));
  EXPECT_FALSE(is_run_id(""));
}

TEST(RunId, Format) {
  EXPECT_EQ(format_run_id("mig", 0, 7), "mig-19700101-000000-007");
}

TEST(RunState, NamesRoundTrip) {
  for (int i = 0; i <= static_cast<int>(RunState::rollback_partial); ++i) {
    const auto state = static_cast<RunState>(i);
    EXPECT_EQ(run_state_from(to_string(state)), state);
  }
}

}  // namespace
}  // namespace godwit
