#include "config/starter.h"

#include "base/test_folder.h"
#include "config/load.h"
#include "os/files.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit {
namespace {

// A folder with the starter files, gone at the end.
class Starter : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& file : starter_settings()) {
      ASSERT_TRUE(os::write_file(folder_ + "/" + std::string(file.name), file.text).ok());
    }
  }
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(Starter, LoadsAsItIs) {
  const auto settings = load_settings(folder_ + "/godwit.yml");
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  EXPECT_EQ(settings->pipelines.at("tenant").masks.rules.size(), 2U);
  EXPECT_EQ(settings->pipelines.at("tenant").checks.rules.size(), 1U);
}

// What a person uncomments must work too: "# - name:" and "# owner:" lines, and those that continue them.
TEST_F(Starter, LoadsWithEveryCommentedKeyUncommented) {
  for (const auto& file : starter_settings()) {
    std::string text;
    bool in_code = false;
    for (size_t from = 0; from < file.text.size();) {
      const size_t end = file.text.find('\n', from);
      std::string line(file.text.substr(from, end - from));
      const size_t hash = line.find("# ");
      const bool comment = hash != std::string::npos && line.find_first_not_of(' ') == hash;
      const std::string body = comment ? line.substr(hash + 2) : "";
      in_code = comment &&
                (in_code || body.starts_with("- ") || body.starts_with("owner:") ||
                 body.starts_with("shared:") || body.starts_with("skip:") || body.starts_with("subjects:"));
      text += (in_code ? line.erase(hash, 2) : line) + "\n";
      from = end + 1;
    }
    EXPECT_NE(text, file.text) << file.name;
    ASSERT_TRUE(os::write_file(folder_ + "/" + std::string(file.name), text).ok());
  }
  const auto settings = load_settings(folder_ + "/godwit.yml");
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  EXPECT_EQ(settings->pipelines.at("tenant").owner.size(), 1U);
  EXPECT_EQ(settings->pipelines.at("tenant").masks.rules.size(), 5U);
  EXPECT_EQ(settings->pipelines.at("tenant").checks.rules.size(), 4U);
}

}  // namespace
}  // namespace godwit
