#!/usr/bin/env python3
"""tidy.py finds what it must find, and nothing in a tree that keeps the rules."""
import sys
import unittest

from tree import ROOT, TreeTest

sys.path.insert(0, str(ROOT / "scripts"))
from cpp_text import functions, without_comments, without_text  # noqa: E402


def body(lines: int) -> str:
    return "{\n" + "  step();\n" * (lines - 2) + "}\n"


class TidyTest(TreeTest):
    script = "tidy.py"

    def setUp(self):
        super().setUp()
        self.folder("base", text="void quote() " + body(70))
        self.write("src/base/text.h", "#pragma once\nvoid quote();\n")

    def source(self, line: str, path: str = "src/base/text.cpp"):
        self.write(path, line + "\n")

    def baseline(self, *lines: str):
        self.write("scripts/tidy_baseline.txt", "# sizes\n" + "".join(line + "\n" for line in lines))

    def test_a_good_tree_passes(self):
        self.assert_passes()

    def test_a_long_file(self):
        self.write("src/base/text.cpp", "// a line\n" * 401)
        self.assert_fails("file src/base/text.cpp: 401 lines, at most 400")

    def test_a_long_function(self):
        self.write("src/base/text.cpp", "void quote() " + body(71))
        self.assert_fails("function src/base/text.cpp quote: 71 lines, at most 70")

    def test_an_outlier_may_stay_but_not_grow(self):
        self.write("src/base/text.cpp", "void quote() " + body(80))
        self.baseline("function src/base/text.cpp quote 80")
        self.assert_passes()
        self.write("src/base/text.cpp", "void quote() " + body(81))
        self.assert_fails("81 lines, 80 allowed so far")

    def test_an_outlier_that_shrank_is_lowered_and_then_removed(self):
        self.write("src/base/text.cpp", "void quote() " + body(75))
        self.baseline("function src/base/text.cpp quote 80")
        self.assert_fails("run scripts/tidy.py --update")
        self.assert_passes("--update")
        self.assertIn("quote 75\n", (self.root / "scripts/tidy_baseline.txt").read_text())
        self.write("src/base/text.cpp", "void quote() " + body(70))
        self.assert_fails("run scripts/tidy.py --update")
        self.assert_passes("--update")
        self.assertEqual((self.root / "scripts/tidy_baseline.txt").read_text(), "# sizes\n")

    def test_update_never_raises_a_size(self):
        self.write("src/base/text.cpp", "void quote() " + body(90))
        self.baseline("function src/base/text.cpp quote 80")
        code, output = self.run_check("--update")
        self.assertEqual(code, 1, output)
        self.assertIn("quote 80\n", (self.root / "scripts/tidy_baseline.txt").read_text())

    def test_each_forbidden_call(self):
        for call in ["std::rand()", "rand()", "srand(1)", "std::random_device device;", "time(nullptr)", "time(NULL)",
                     "std::chrono::system_clock::now()", "std::getenv(name)", "std::cout << 1", "printf(text)",
                     "std::puts(text)", "fmt::print(text)", "std::system(text)"]:
            with self.subTest(call):
                self.source(f"int x = 0; void f() {{ {call}; }}")
                self.assert_fails("src/base/text.cpp:1: ")

    def test_calls_that_only_look_forbidden(self):
        self.source('void f() { operand(); snprintf(b, 1, f); run_time(0); log("getenv(x)"); } // std::rand()')
        self.assert_passes()

    def test_the_homes_of_forbidden_calls(self):
        self.write("src/main.cpp", "int main() { std::getenv(name); std::puts(x); std::chrono::system_clock::now(); }\n")
        self.folder("os", clock="auto f() { return std::chrono::system_clock::now(); }\n")
        self.folder("cli", text="void f() { std::cout << 1; }\n")
        self.source("void f() { std::fprintf(e, x); }", "src/base/check.cpp")
        self.write("src/base/CMakeLists.txt", "godwit_folder(base SOURCES text.cpp check.cpp)\n")
        self.assert_passes()

    def test_a_test_that_may_not_run(self):
        for text in ["TEST(A, DISABLED_B) {}", "TEST(A, B) { GTEST_SKIP(); }"]:
            with self.subTest(text):
                self.write("tests/integration/a_test.cpp", text + "\n")
                self.assert_fails("tests/integration/a_test.cpp:1: ")

    def test_unfinished_work(self):
        self.source("// TO" "DO: later")
        self.assert_fails("unfinished work is an issue")

    def test_layout(self):
        self.source("void f(); ")
        self.assert_fails("src/base/text.cpp:1: trailing blanks")
        self.source("\tvoid f();")
        self.assert_fails("src/base/text.cpp:1: a tab")
        self.write("src/base/text.cpp", "void f();")
        self.assert_fails("no line end at the end")

    def test_a_header_without_its_guard(self):
        self.write("src/base/text.h", "void quote();\n")
        self.assert_fails("src/base/text.h: no #pragma once")

    def test_names_that_say_nothing(self):
        for name in ["string_util.h", "run_manager.h", "helpers.h", "common/text.h"]:
            with self.subTest(name):
                file = self.write(f"src/base/{name}", "#pragma once\n")
                self.assert_fails(f"src/base/{name}: name it after what it does")
                file.unlink()

    def test_a_source_that_is_never_built(self):
        self.write("src/base/forgotten_test.cpp", "// a line\n")
        self.assert_fails("src/base/forgotten_test.cpp: src/base/CMakeLists.txt does not name it")

    def test_a_large_file_needs_leave(self):
        self.write("tests/data/words.csv", "x" * (256 * 1024 + 1))
        self.assert_fails("blob tests/data/words.csv: 262145 bytes")
        self.baseline("blob tests/data/words.csv 262145")
        self.assert_passes()

    def test_a_crowded_folder(self):
        names = [f"part_{number}" for number in range(23)]
        self.folder("base", **{name: "" for name in names})
        (self.root / "src/base/text.cpp").unlink()
        self.assert_fails("src/base/: 26 files, at most 24")

    def test_nothing_to_check_is_a_failure(self):
        for file in (self.root / "src/base").glob("text.*"):
            file.unlink()
        self.assert_fails("no source file found")


class CppTextTest(unittest.TestCase):
    def found(self, text: str) -> list[tuple[str, int]]:
        return functions(without_text(text))

    def test_literals_and_comments_hide_their_braces(self):
        text = 'void f() {\n  a("}{", \'{\', R"x({"\n)x"); // {\n  /* {\n */ b(1\'000);\n}\nvoid g() {}\n'
        self.assertEqual(self.found(text), [("f", 6), ("g", 1)])

    def test_comments_alone_are_removed_when_asked(self):
        self.assertEqual(without_comments('"//" // x'), '"//"     ')

    def test_scopes_are_looked_into(self):
        text = "namespace a::b {\nclass [[nodiscard]] C final : public D {\n  void m() const {\n  }\n};\n}\n"
        self.assertEqual(self.found(text), [("m", 2)])

    def test_a_constructor_with_braced_members(self):
        self.assertEqual(self.found("C::C(int a)\n    : a_{a}, b_(2), c_{3} {\n  f();\n}\nvoid g() {}\n"), [("C::C", 3), ("g", 1)])

    def test_values_are_not_functions(self):
        text = "const int a[] = {1, 2};\nstd::vector<int> b{f(1)};\nenum class E { a, b };\nstruct S {\n  int x = f();\n};\n"
        self.assertEqual(self.found(text), [])

    def test_lambdas_count_as_part_of_their_function(self):
        self.assertEqual(self.found("int f(int a) {\n  auto g = [&] {\n    return 1;\n  };\n  return g();\n}\n"), [("f", 6)])

    def test_macros_are_left_out(self):
        self.assertEqual(self.found("#define F(x) \\\n  do { \\\n  } while (0)\nvoid f() {}\n"), [("f", 1)])

    def test_what_stands_before_a_scope_does_not_hide_it(self):
        text = "DEFINE_JSON(A, b, c)\nDEFINE_JSON(B, b)\nnamespace n {\nclass C {\n public:\n  struct D {\n    void f() {}\n  };\n};\n}\n"
        self.assertEqual(self.found(text), [("f", 1)])

    def test_test_cases_have_their_own_names(self):
        self.assertEqual(self.found("TEST_F(Suite, Case) {\n}\n"), [("Suite.Case", 2)])


if __name__ == "__main__":
    unittest.main()
