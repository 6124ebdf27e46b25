// The keys of an address: of a store, and of a database whose schema is changed. Internal to this folder.
#pragma once

#include "config/schema/key_table.h"

#include <array>

namespace godwit::config {

inline constexpr auto address_keys = std::to_array<KeySchema>({
    {.name = "url",
     .type = ValueType::reference_text,
     .doc = "The address as a URL, instead of host, port and database. A reference in front of the '@' is "
            "inserted "
            "percent-encoded. `sslmode` inside the URL counts as `tls`."},
    {.name = "host", .type = ValueType::reference_text, .doc = "postgres: host name or address."},
    {.name = "port",
     .type = ValueType::integer_or_reference,
     .doc = "postgres: port; also as a reference, `${env:DB_PORT}`.",
     .fallback = "5432",
     .minimum = 1,
     .maximum = 65535},
    {.name = "database", .type = ValueType::reference_text, .doc = "postgres: database."},
    {.name = "user", .type = ValueType::reference_text, .doc = "The account."},
    {.name = "password", .type = ValueType::credential, .doc = "Its password."},
    {.name = "path",
     .type = ValueType::reference_text,
     .doc = "sqlite: the file, relative to the folder of godwit.yml."},
    {.name = "schema",
     .type = ValueType::text,
     .doc =
         "postgres: the schema of table names written without one. Default: the account's own search path."},
    {.name = "tls",
     .type = ValueType::choice,
     .doc = "postgres: how the connection is encrypted and the server verified. Anything weaker than "
            "`verify-full` "
            "is explicit and stands in every report; localhost is no exception.",
     .fallback = "verify-full",
     .choices = "verify-full|verify-ca|require|prefer|disable"},
    {.name = "tls_root_certificate",
     .type = ValueType::file,
     .doc = "postgres: certificates to trust (PEM). Default: those of the system."},
    {.name = "tls_certificate", .type = ValueType::file, .doc = "postgres: the client's certificate (PEM)."},
    {.name = "tls_key",
     .type = ValueType::file,
     .doc = "postgres: the key of the client's certificate (PEM)."},
    {.name = "connect_timeout_s",
     .type = ValueType::integer,
     .doc = "Seconds to wait for a connection.",
     .fallback = "10",
     .minimum = 1,
     .maximum = 600},
});

}  // namespace godwit::config
