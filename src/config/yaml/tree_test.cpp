#include "config/yaml/tree.h"

#include <gtest/gtest.h>

namespace godwit::config {
namespace {

NodePointer parse_fine(std::string_view text) {
  Problems problems;
  auto root = parse_yaml(text, "f.yml", problems);
  EXPECT_TRUE(problems.empty()) << (problems.empty() ? "" : problems.error().message);
  return root;
}

std::string problems_of(std::string_view text) {
  Problems problems;
  const auto root = parse_yaml(text, "f.yml", problems);
  return problems.empty() ? "" : problems.error().message;
}

TEST(ParseYaml, EveryKeyAndValueHasAPlace) {
  const auto root = parse_fine("a: 1\nb:\n  - x\n  - {k: 'v'}\nc: |\n  text\n");
  ASSERT_EQ(root->entries.size(), 3U);
  EXPECT_EQ(root->entries[1].where.text(), "f.yml:2:1");
  const Node& list = *root->entries[1].value;
  EXPECT_EQ(list.items[0]->where.text(), "f.yml:3:5");
  EXPECT_EQ(list.items[1]->entries[0].where.text(), "f.yml:4:6");
  EXPECT_EQ(list.items[1]->entries[0].value->where.text(), "f.yml:4:9");
  EXPECT_TRUE(list.items[1]->entries[0].value->quoted);
  EXPECT_EQ(root->entries[2].value->text, "text\n");
  EXPECT_TRUE(root->entries[2].value->quoted);
}

TEST(ParseYaml, ColumnsCountCharacters) {
  const auto root = parse_fine("{ä: ö, b: 1}\n");
  EXPECT_EQ(root->entries[1].where.column, 8);
  EXPECT_EQ(parse_fine("\xEF\xBB\xBF"
                       "a: b\n")
                ->entries[0]
                .where.column,
            1);
}

TEST(ParseYaml, NullsKeepHowTheyWereWritten) {
  const auto root = parse_fine("a:\nb: ~\nc: null\nd: \"null\"\ne: {f: , g: Null}\n");
  EXPECT_EQ(root->find("a")->value->text, "");
  EXPECT_EQ(root->find("a")->value->where.line, 1);
  EXPECT_EQ(root->find("b")->value->text, "~");
  EXPECT_EQ(root->find("c")->value->text, "null");
  EXPECT_EQ(root->find("d")->value->kind, Node::Kind::scalar);
  EXPECT_EQ(root->find("e")->value->find("f")->value->text, "");
  EXPECT_EQ(root->find("e")->value->find("g")->value->text, "null");
}

TEST(ParseYaml, MergeKeys) {
  const auto root = parse_fine("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {b: 9, <<: [*x, *y]}\n");
  const Node& z = *root->find("z")->value;
  EXPECT_EQ(z.find("a")->value->text, "1");
  EXPECT_EQ(z.find("b")->value->text, "9");
  EXPECT_EQ(z.find("c")->value->text, "4");
  EXPECT_EQ(z.find("<<"), nullptr);
  EXPECT_EQ(parse_fine("\"<<\": 1\n")->entries[0].key, "<<");
}

TEST(ParseYaml, ProblemsHavePlaces) {
  EXPECT_EQ(problems_of("a: 1\nb: 2\na: 3\n"), "f.yml:3:1: key 'a' appears twice, first in line 1");
  EXPECT_EQ(problems_of("a: &a [*a]\n"), "f.yml:1:8: an anchor that contains itself");
  EXPECT_EQ(problems_of("[a, b]: 1\n"), "f.yml:1:1: a key must be text, found a list");
  EXPECT_EQ(problems_of("a: {<<: 1}\n"), "f.yml:1:5: '<<' merges mappings, found a number");
  EXPECT_EQ(problems_of("a: \"\x01\"\n"), "f.yml:1:5: a control character (0x01)");
  EXPECT_EQ(problems_of("a: \xFF\n"), "f.yml:1:1: the file is not valid UTF-8");
  EXPECT_EQ(problems_of("a: 1\n---\nb: 1\n"), "f.yml:3:1: a second document; one file holds one");
  EXPECT_NE(problems_of("a: [1\n").find("not valid YAML"), std::string::npos);
}

TEST(ParseYaml, DeepNestingIsAProblemNotACrash) {
  EXPECT_NE(problems_of(std::string(100000, '[')), "");
  EXPECT_NE(problems_of(std::string(100000, '{')), "");
}

TEST(ParseYaml, AliasesThatExplodeAreRefused) {
  std::string text = "a0: &a0 x\n";
  for (int i = 1; i <= 12; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + inner;
    for (int j = 0; j < 9; ++j)
      text += ", " + inner;
    text += "]\n";
  }
  EXPECT_EQ(problems_of(text), "f.yml:1:1: more than 1000000 values, aliases expanded");
}

TEST(Problems, KeepsTheFirstTwoHundred) {
  Problems problems;
  for (int line = 1; line <= 250; ++line)
    problems.add({"f.yml", line, 1}, "wrong");
  EXPECT_TRUE(problems.error().message.ends_with("f.yml:200:1: wrong\nand 50 more"));
}

TEST(YamlScalars, CoreSchema) {
  const auto node = [](std::string_view text) {
    return parse_fine(std::string("a: ") + std::string(text))->entries[0].value;
  };
  EXPECT_TRUE(is_yaml_integer(*node("-12")));
  EXPECT_FALSE(is_yaml_integer(*node("'12'")));
  EXPECT_FALSE(is_yaml_integer(*node("1.5")));
  for (const std::string number : {"1", "-1.5", ".5", "5.", "1e3", "+1E-3"})
    EXPECT_TRUE(is_yaml_number(*node(number))) << number;
  for (const std::string text : {".", "e3", "1e", "1.2.3", "0x10", "1_000"})
    EXPECT_FALSE(is_yaml_number(*node(text))) << text;
  EXPECT_TRUE(is_yaml_boolean(*node("true")));
  EXPECT_FALSE(is_yaml_boolean(*node("yes")));
}

}  // namespace
}  // namespace godwit::config
