#include "config/reference.h"

#include "config/secret_text.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

using Parts = std::vector<std::string>;

TEST(SplitReference, PartsAndQuotes) {
  EXPECT_EQ(split_reference("students").value(), Parts{"students"});
  EXPECT_EQ(split_reference("ids.public.students").value(), (Parts{"ids", "public", "students"}));
  EXPECT_EQ(split_reference(R"(ids."Odd. Schema"."T""x")").value(), (Parts{"ids", "Odd. Schema", "T\"x"}));
  EXPECT_EQ(split_reference("ids.ref_*").value(), (Parts{"ids", "ref_*"}));
  EXPECT_EQ(split_reference("ids.straße").value(), (Parts{"ids", "straße"}));
  for (const std::string wrong :
       {"", ".", "ids.", ".ids", "a b", "\"", "\"\"", "ids.\"x", "ids.\"x\"y", "\"a\"b\"", "a;b"}) {
    EXPECT_FALSE(split_reference(wrong).ok()) << wrong;
  }
}

TEST(SplitColumnsReference, OneOrSeveral) {
  const auto one = split_columns_reference(" ids.students.id ").value();
  EXPECT_EQ(one.table, (Parts{"ids", "students"}));
  EXPECT_EQ(one.columns, Parts{"id"});
  const auto several = split_columns_reference(R"(a.t.(x, "y,z"))").value();
  EXPECT_EQ(several.table, (Parts{"a", "t"}));
  EXPECT_EQ(several.columns, (Parts{"x", "y,z"}));
  for (const std::string wrong : {"id", "a.t(x)", "a.t.()", "a.t.(x,)", ".(x)"}) {
    EXPECT_FALSE(split_columns_reference(wrong).ok()) << wrong;
  }
}

TEST(SplitLink, BothSidesHaveAsManyColumns) {
  const auto link = split_link("a.t.(x,y) -> b.u.(p,q)").value();
  EXPECT_EQ(link.child.columns, (Parts{"x", "y"}));
  EXPECT_EQ(link.parent.table, (Parts{"b", "u"}));
  EXPECT_FALSE(split_link("a.t.(x,y) -> b.u.p").ok());
  EXPECT_FALSE(split_link("a.t.x").ok());
}

TEST(SecretText, PiecesInOrder) {
  const auto pieces = parse_secret_text("a${env:B}${file:/c}d").value();
  ASSERT_EQ(pieces.size(), 4U);
  EXPECT_EQ(pieces[0].text, "a");
  EXPECT_EQ(pieces[1].kind, SecretPiece::Kind::environment);
  EXPECT_EQ(pieces[2].text, "/c");
  EXPECT_EQ(pieces[3].text, "d");
  EXPECT_EQ(parse_secret_text("${aws-sm:id#a.b}").value()[0].provider, "aws-sm");
  EXPECT_TRUE(parse_secret_text("").value().empty());
  EXPECT_TRUE(parse_secret_text("a$b{c}").ok());
}

TEST(SecretText, LiteralPasswordsInUrls) {
  for (const std::string open : {"postgres://u:p@h/d", "postgres://u:p@x@h/d", "postgres://${env:U}:p@h/d",
                                 "postgres://u@h/d?x=1&password=p", "postgres://u:p${nonsense@h"}) {
    EXPECT_TRUE(has_literal_password(open)) << open;
  }
  for (const std::string fine :
       {"postgres://u@h/d", "postgres://u:${env:P}@h/d", "postgres://${env:U}:${file:p}@h/d",
        "postgres://h:5432/d", "postgres://${env:U}@h:5432/d", "${env:URL}",
        "postgres://h/d?password=${env:P}", "plain"}) {
    EXPECT_FALSE(has_literal_password(fine)) << fine;
  }
}

}  // namespace
}  // namespace godwit
