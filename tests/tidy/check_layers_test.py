#!/usr/bin/env python3
"""check-layers finds what it must find, and nothing in a tree that keeps the rules."""
import unittest

from tree import TreeTest


class CheckLayersTest(TreeTest):
    script = "check-layers"

    def setUp(self):
        super().setUp()
        self.folder("base", text="#include <string>\n#include <stdint.h>\n#include <fmt/format.h>\n")

    def test_a_good_tree_passes(self):
        self.folder("model", "base", run='#include "base/text.h"\n')
        self.folder("pg", "base model", session='#include <libpq-fe.h>\n#include <poll.h>\n#include "model/run.h"\n')
        self.folder("crypto", "base", mac="#include <openssl/evp.h>\n")
        self.folder("net", "base", http="#include <curl/curl.h>\n#include <openssl/ssl.h>\n")
        self.folder("cloud", "net", s3='#include "net/http.h"\n')
        self.folder("secrets", "cloud", from_cloud='#include "cloud/s3.h"\n')
        self.folder("cli", "pg", arguments="#include <CLI/CLI.hpp>\n")
        self.write("src/main.cpp", '#include <unistd.h>\n#include "cli/arguments.h"\n')
        self.assert_passes()

    def test_an_include_that_goes_up(self):
        self.folder("pg", session='// a line\n#include "pipeline/plan.h"\n')
        self.assert_fails("src/pg/session.cpp:2:", "pg (row 1) must not include up to pipeline (row 5)")

    def test_an_include_of_a_sibling(self):
        self.folder("mask", rule='#include "check/rule.h"\n')
        self.assert_fails("src/mask/rule.cpp:1:", "its sibling check")

    def test_an_exception_between_siblings_has_one_direction(self):
        self.write("src/base/text.cpp", '#include "model/run.h"\n')
        self.folder("cloud", s3='#include "secrets/env.h"\n')
        self.assert_fails("src/base/text.cpp:1:", "src/cloud/s3.cpp:1:")

    def test_a_header_counts_as_much_as_a_source(self):
        self.write("src/base/text.h", '#include "cli/arguments.h"\n')
        self.assert_fails("src/base/text.h:1:")

    def test_a_sub_folder_belongs_to_its_folder(self):
        self.folder("pipeline")
        self.write("src/pipeline/closure/plan.cpp", '#include "report/html.h"\n')
        self.assert_fails("src/pipeline/closure/plan.cpp:1:")

    def test_unit_tests_are_exempt(self):
        self.write("src/base/text_test.cpp", '#include "cli/arguments.h"\n#include <gtest/gtest.h>\n')
        self.assert_passes()

    def test_what_tests_share_is_for_tests_only(self):
        self.write("src/base/test_fixture.h", "#include <gtest/gtest.h>\n")
        self.write("src/base/text_test.cpp", '#include "base/test_fixture.h"\n')
        self.assert_passes()
        self.write("src/base/text.cpp", '#include "base/test_fixture.h"\n')
        self.assert_fails('src/base/text.cpp:1: "base/test_fixture.h": for tests only')

    def test_an_include_without_its_folder(self):
        self.write("src/base/text.cpp", '#include "text.h"\n')
        self.assert_fails('write the folder too: "base/text.h"')

    def test_foreign_headers_outside_their_owner(self):
        headers = ["libpq-fe.h", "duckdb.h", "sqlite3.h", "curl/curl.h", "openssl/evp.h", "utf8proc.h"]
        headers += ["yaml-cpp/yaml.h", "CLI/CLI.hpp", "unistd.h", "sys/stat.h"]
        self.folder("pipeline", plan="".join(f"#include <{header}>\n" for header in headers))
        self.assert_fails(*[f"src/pipeline/plan.cpp:{line}: <{header}>" for line, header in enumerate(headers, 1)])

    def test_a_foreign_header_in_quotes(self):
        self.folder("pg", session='#include "libpq-fe.h"\n#include "fmt/format.h"\n')
        self.assert_fails("src/pg/session.cpp:1:", "src/pg/session.cpp:2:", "stands in angle brackets")

    def test_a_header_that_nobody_owns(self):
        self.folder("pipeline", plan="#include <boost/asio.hpp>\n")
        self.assert_fails("nobody owns this header")

    def test_json_in_a_header(self):
        self.write("src/base/text.h", "#include <nlohmann/json.hpp>\n")
        self.assert_fails("in .cpp files only")

    def test_json_in_a_source_and_its_forward_header(self):
        self.write("src/base/text.cpp", "#include <nlohmann/json.hpp>\n")
        self.write("src/base/text.h", "#include <nlohmann/json_fwd.hpp>\n")
        self.assert_passes()

    def test_cli11_outside_of_arguments(self):
        self.folder("cli", arguments="#include <CLI/CLI.hpp>\n", run="#include <CLI/App.hpp>\n")
        self.assert_fails("src/cli/run.cpp:1: <CLI/App.hpp>: in arguments.cpp only")

    def test_a_link_that_goes_up(self):
        self.folder("pg", "base pipeline", session="")
        self.assert_fails("src/pg/CMakeLists.txt: links pipeline (row 5) from pg (row 1)")

    def test_a_link_to_a_sibling_and_to_nothing_known(self):
        self.folder("mask", "check everything", rule="")
        self.assert_fails("links check", "links everything")

    def test_a_library_that_is_not_named_after_its_folder(self):
        self.write("src/base/CMakeLists.txt", "godwit_folder(foundation SOURCES text.cpp)\n")
        self.assert_fails("the library is named foundation, the folder base")

    def test_a_folder_without_a_readme(self):
        (self.root / "src/base/README.md").unlink()
        self.assert_fails("src/base: no README.md")

    def test_an_unknown_folder(self):
        self.folder("misc", things="")
        self.assert_fails("src/misc: not in the layer table")

    def test_nothing_to_check_is_a_failure(self):
        (self.root / "src/base/text.cpp").unlink()
        self.assert_fails("no source file found")


if __name__ == "__main__":
    unittest.main()
