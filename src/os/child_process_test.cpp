#include "os/child_process.h"

#include "os/process.h"

#include <gtest/gtest.h>

#include <thread>

namespace godwit::os {
namespace {

ChildOptions shell(const std::string& script) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", script};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  return options;
}

TEST(ChildProcess, ArgumentsEnvironmentOutputErrorsAndExitCode) {
  ChildOptions options = shell("printf '%s|%s|%s' \"$1\" \"$SECRET\" \"$HOME\"; echo oops >&2; exit 7");
  options.arguments.insert(options.arguments.end(), {"sh", "a b;$(c)"});
  options.environment.emplace_back("SECRET", "value");
  const auto outcome = run_child(options);
  ASSERT_TRUE(outcome.ok()) << outcome.error().text();
  EXPECT_EQ(outcome->output, "a b;$(c)|value|");
  EXPECT_EQ(outcome->errors, "oops\n");
  EXPECT_EQ(outcome->exit_code, 7);
}

TEST(ChildProcess, LotsOfOutputAndErrorsDoNotBlockEachOther) {
  const auto outcome =
      run_child(shell("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); printf '%0100d' 1; printf "
                      "'%0100d\\n' 2 >&2; done"));
  ASSERT_TRUE(outcome.ok()) << outcome.error().text();
  EXPECT_EQ(outcome->output.size(), 300'000U);
  EXPECT_EQ(outcome->errors.size(), 16U * 1024U);
}

TEST(ChildProcess, InputIsReadToItsEnd) {
  ChildOptions options = shell("wc -c");
  options.has_input = true;
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(child->write(std::string(1'000'000, 'x')).ok());
  child->close_input();
  const auto said = child->read();
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(std::stoi(std::string(*said)), 1'000'000);
  const auto code = child->wait();
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(*code, 0);
}

TEST(ChildProcess, OneThatReadsNoMoreIsAnError) {
  ChildOptions options = shell("exec <&-; exit 3");
  options.has_input = true;
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child.ok());
  // This process ignores SIGPIPE, as main.cpp does.
  harden_process();
  EXPECT_FALSE(child->write(std::string(1'000'000, 'x')).ok());
  const auto code = child->wait();
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(*code, 3);
}

TEST(ChildProcess, ASignalIsToldAndNothingIsLeftBehind) {
  const auto killed = run_child(shell("kill -9 $$"));
  ASSERT_TRUE(killed.ok());
  EXPECT_EQ(killed->exit_code, 137);
  pid_t pid = 0;
  {
    auto child = ChildProcess::start(shell("sleep 600"));
    ASSERT_TRUE(child.ok());
    pid = child->pid();
    EXPECT_TRUE(process_exists(pid));
  }
  EXPECT_FALSE(process_exists(pid));
}

TEST(ChildProcess, CancelEndsIt) {
  std::atomic<bool> cancel{false};
  ChildOptions options = shell("sleep 600");
  options.cancel = &cancel;
  auto child = ChildProcess::start(options);
  ASSERT_TRUE(child.ok());
  const pid_t pid = child->pid();
  std::thread later([&cancel] { cancel = true; });
  const auto code = child->wait();
  later.join();
  ASSERT_FALSE(code.ok());
  EXPECT_EQ(code.error().kind, ErrorKind::interrupted);
  EXPECT_FALSE(process_exists(pid));
}

TEST(ChildProcess, AProgramThatIsNotThere) {
  ChildOptions options;
  options.arguments = {"no-such-program-anywhere"};
  const auto outcome = run_child(options);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace godwit::os
