#include "base/dynamic/shared_library.h"

#include <gtest/gtest.h>

#include <cmath>

namespace godwit {
namespace {

#define GODWIT_MATH_FUNCTIONS(FUNCTION) FUNCTION(cbrt) FUNCTION(hypot)
struct Math {
  double (*cbrt)(double) = nullptr;
  double (*hypot)(double, double) = nullptr;
};

Result<Math> load_math() {
  ASSIGN_OR_RETURN(const SharedLibrary library, SharedLibrary::load("libm.so.6", "install libc6"));
  Math functions;
  GODWIT_MATH_FUNCTIONS(GODWIT_LIBRARY_RESOLVE)
  return functions;
}

TEST(SharedLibraryTest, ResolvesWhatIsListed) {
  const auto math = load_math();
  ASSERT_TRUE(math.ok());
  EXPECT_DOUBLE_EQ(math->cbrt(27), 3);
  EXPECT_DOUBLE_EQ(math->hypot(3, 4), 5);
}

TEST(SharedLibraryTest, SaysWhichLibraryIsMissingAndWhatToDo) {
  const auto library = SharedLibrary::load("libgodwit-is-not-there.so.1", "install it");
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error().kind, ErrorKind::config);
  EXPECT_NE(library.error().message.find("libgodwit-is-not-there.so.1"), std::string::npos);
  EXPECT_EQ(library.error().hint, "install it");
}

TEST(SharedLibraryTest, SaysWhichFunctionIsMissing) {
  const auto library = SharedLibrary::load("libm.so.6", "install libc6");
  ASSERT_TRUE(library.ok());
  const auto found = library->find("godwit_is_not_there");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().message, "libm.so.6 has no function godwit_is_not_there");
}

}  // namespace
}  // namespace godwit
