#include "pipeline/run/settle.h"

#include <gtest/gtest.h>

namespace godwit::pipeline {
namespace {

using connect::RunOutcome;

RunState settled(RunState recorded, RunOutcome first, RunOutcome second) {
  return settled_state(recorded, {{first, ""}, {second, ""}});
}

TEST(SettledState, FollowsWhatTheTargetsHold) {
  EXPECT_EQ(settled(RunState::committing, RunOutcome::committed, RunOutcome::committed), RunState::committed);
  EXPECT_EQ(settled(RunState::completed, RunOutcome::committed, RunOutcome::committed), RunState::completed);
  EXPECT_EQ(settled(RunState::committing, RunOutcome::committed, RunOutcome::absent), RunState::partial);
  EXPECT_EQ(settled(RunState::committing, RunOutcome::committed, RunOutcome::prepared), RunState::partial);
  EXPECT_EQ(settled(RunState::loaded, RunOutcome::prepared, RunOutcome::absent), RunState::committing);
  EXPECT_EQ(settled(RunState::extracting, RunOutcome::absent, RunOutcome::absent), RunState::extracting);
}

TEST(SettledState, OfAStoreThatIsThereInPart) {
  EXPECT_EQ(settled(RunState::committing, RunOutcome::half_committed, RunOutcome::absent), RunState::partial);
  EXPECT_EQ(settled(RunState::committing, RunOutcome::committed, RunOutcome::half_committed),
            RunState::partial);
  EXPECT_EQ(settled(RunState::loaded, RunOutcome::half_prepared, RunOutcome::absent), RunState::committing)
      << "nothing of it is visible";
  EXPECT_EQ(settled(RunState::committing, RunOutcome::half_committed, RunOutcome::undone),
            RunState::rollback_partial);
}

TEST(SettledState, OfARunThatFearedMoreThanHappened) {
  EXPECT_EQ(settled(RunState::in_doubt, RunOutcome::absent, RunOutcome::absent), RunState::failed);
  EXPECT_EQ(settled(RunState::partial, RunOutcome::absent, RunOutcome::absent), RunState::failed);
  EXPECT_EQ(settled(RunState::in_doubt, RunOutcome::committed, RunOutcome::absent), RunState::partial);
  EXPECT_EQ(settled(RunState::in_doubt, RunOutcome::committed, RunOutcome::committed), RunState::committed);
}

TEST(SettledState, OfARollbackThatWasCutShort) {
  EXPECT_EQ(settled(RunState::rolling_back, RunOutcome::committed, RunOutcome::undone),
            RunState::rollback_partial);
  EXPECT_EQ(settled(RunState::rolling_back, RunOutcome::undone, RunOutcome::undone), RunState::rolled_back);
  EXPECT_EQ(settled(RunState::rolling_back, RunOutcome::absent, RunOutcome::absent), RunState::rolled_back)
      << "a run that had committed nothing";
}

}  // namespace
}  // namespace godwit::pipeline
