#include "bolt/address.h"

#include <gtest/gtest.h>

#include <array>

namespace godwit::bolt {
namespace {

TEST(Address, SchemesSayHowItIsEncrypted) {
  struct Case {
    const char* url;
    Encryption encryption;
  };
  for (const Case& given :
       {Case{"bolt://h", Encryption::none}, Case{"neo4j://h", Encryption::none},
        Case{"bolt+s://h", Encryption::verified}, Case{"neo4j+s://h", Encryption::verified},
        Case{"bolt+ssc://h", Encryption::self_signed}, Case{"neo4j+ssc://h", Encryption::self_signed},
        Case{"BOLT+S://h", Encryption::verified}}) {
    const auto address = parse_address(given.url);
    ASSERT_TRUE(address.ok()) << given.url << ": " << address.error().text();
    EXPECT_EQ(address->encryption, given.encryption) << given.url;
    EXPECT_EQ(address->host, "h") << given.url;
    EXPECT_EQ(address->port, 7687) << given.url;
  }
}

TEST(Address, HostAndPort) {
  struct Case {
    const char* url;
    const char* host;
    int port;
    const char* shown;
  };
  for (const Case& given : {Case{"bolt://graph.example:7688", "graph.example", 7688, "graph.example:7688"},
                            Case{"bolt://graph.example:7688/", "graph.example", 7688, "graph.example:7688"},
                            Case{"bolt://10.0.0.1:1", "10.0.0.1", 1, "10.0.0.1:1"},
                            Case{"bolt://[::1]:65535", "::1", 65535, "[::1]:65535"},
                            Case{"bolt://[fe80::1%eth0]", "fe80::1%eth0", 7687, "[fe80::1%eth0]:7687"}}) {
    const auto address = parse_address(given.url);
    ASSERT_TRUE(address.ok()) << given.url << ": " << address.error().text();
    EXPECT_EQ(address->host, given.host);
    EXPECT_EQ(address->port, given.port);
    EXPECT_EQ(address->shown(), given.shown);
  }
}

TEST(Address, WhatIsNoAddressIsRefusedWithoutBeingQuoted) {
  for (const char* url : {"",
                          "hunter2",
                          "hunter2:7687",
                          "http://hunter2:7474",
                          "https://hunter2",
                          "bolt+x://hunter2",
                          "bolt:///hunter2",
                          "bolt://",
                          "bolt://:7687",
                          "bolt://hunter2:",
                          "bolt://hunter2:0",
                          "bolt://hunter2:65536",
                          "bolt://hunter2:1x",
                          "bolt://hunter2:-1",
                          "bolt://user:hunter2@h",
                          "bolt://hunter2@h",
                          "neo4j://h?policy=hunter2",
                          "bolt://h#hunter2",
                          "bolt://h/hunter2",
                          "bolt://hunter2 x",
                          "bolt://[::1",
                          "bolt://[hunter2]",
                          "bolt://[::1]7687",
                          "bolt://[::1]:",
                          "bolt://hun\nter2",
                          "bolt://a:1:2"}) {
    const auto address = parse_address(url);
    ASSERT_FALSE(address.ok()) << url;
    EXPECT_EQ(address.error().kind, ErrorKind::config) << url;
    EXPECT_EQ(address.error().text().find("hunter2"), std::string::npos) << url;
    EXPECT_FALSE(address.error().hint.empty()) << url;
  }
}

}  // namespace
}  // namespace godwit::bolt
