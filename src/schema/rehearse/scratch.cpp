#include "schema/rehearse/scratch.h"

#include "base/text.h"
#include "os/files.h"
#include "os/process.h"
#include "os/supervised.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace godwit::schema {

namespace {

constexpr int64_t memory_needed_bytes = int64_t{512} << 20;
constexpr int64_t start_within_ms = 60'000;

StoreEndpoint local_endpoint(const std::string& folder, const std::string& database) {
  StoreEndpoint endpoint;
  endpoint.store = "of the rehearsal";
  endpoint.environment = "rehearsal";
  endpoint.kind = "postgres";
  endpoint.host = folder;
  endpoint.database = database;
  endpoint.user = "postgres";
  endpoint.tls = TlsMode::disable;
  return endpoint;
}

// Debian keeps one folder per major version; the live server's is preferred, the newest is next.
Result<std::string> find_programs(int server_version) {
  const std::string base = "/usr/lib/postgresql";
  ASSIGN_OR_RETURN(auto versions, os::list_folder(base));
  std::erase_if(versions, [&](const std::string& one) {
    return !os::exists(base + "/" + one + "/bin/initdb") || !os::exists(base + "/" + one + "/bin/postgres");
  });
  for (const char* plain : {"/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"}) {
    if (versions.empty() && os::exists(std::string(plain) + "/initdb")) return std::string(plain);
  }
  if (versions.empty()) {
    return make_error(ErrorKind::config,
                      "a rehearsal needs PostgreSQL's own programs, and there is no initdb here",
                      "install the package postgresql, or name a server to be used: --server URL");
  }
  const std::string wanted = std::to_string(server_version / 10000);
  const auto same = std::find(versions.begin(), versions.end(), wanted);
  return base + "/" + (same != versions.end() ? *same : versions.back()) + "/bin";
}

class ServerScratch : public Scratch {
 public:
  explicit ServerScratch(const ScratchOptions& options)
      : prefix_(fmt::format("godwit_rehearsal_{:016x}_", options.random_number)), options_(options) {}

  Status create(const std::string& name, const std::string& from) override {
    RETURN_IF_ERROR(admin({fmt::format("CREATE DATABASE {} TEMPLATE {}", quote_identifier(prefix_ + name),
                                       from.empty() ? "template0" : quote_identifier(prefix_ + from))}));
    made_.push_back(name);
    return {};
  }
  Status drop(const std::string& name) override {
    RETURN_IF_ERROR(
        admin({fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_identifier(prefix_ + name))}));
    std::erase(made_, name);
    return {};
  }
  Result<std::unique_ptr<Database>> open(const std::string& name) override {
    return open_database(endpoint(prefix_ + name), options_.cancel);
  }
  StoreEndpoint endpoint_of(const std::string& name) const override { return endpoint(prefix_ + name); }
  Status create_roles(const std::vector<std::string>& /*roles*/) override { return {}; }
  std::string about() const override { return "databases of its own on the given server"; }

 protected:
  [[nodiscard]] virtual StoreEndpoint endpoint(const std::string& database) const {
    StoreEndpoint endpoint = local_endpoint("", database);
    endpoint.url = Secret(options_.server);
    endpoint.user = "";
    endpoint.tls = TlsMode::verify_full;  // unless the URL says otherwise
    return endpoint;
  }
  Status admin(const std::vector<std::string>& statements) {
    ASSIGN_OR_RETURN(const auto database, open_database(endpoint(admin_database()), options_.cancel));
    return database->run(statements);
  }
  [[nodiscard]] virtual std::string admin_database() const { return ""; }
  void drop_all() {
    const std::vector<std::string> made = made_;
    for (const std::string& name : made)
      static_cast<void>(drop(name));
  }

  std::string prefix_;
  ScratchOptions options_;
  std::vector<std::string> made_;
};

class GivenServer final : public ServerScratch {
 public:
  using ServerScratch::ServerScratch;
  ~GivenServer() override { drop_all(); }
};

class ThrowawayServer final : public ServerScratch {
 public:
  ThrowawayServer(const ScratchOptions& options, std::string folder, os::Supervised server)
      : ServerScratch(options), folder_(std::move(folder)), server_(std::move(server)) {}

  static Result<std::unique_ptr<Scratch>> start(const ScratchOptions& options) {
    ASSIGN_OR_RETURN(const std::string bin, find_programs(options.server_version));
    const auto memory = os::free_disk_bytes("/dev/shm");
    const std::string base =
        memory.ok() && *memory > memory_needed_bytes ? "/dev/shm" : options.temporary_folder;
    ASSIGN_OR_RETURN(const std::string folder, os::make_scratch_folder(base, "godwit-rehearsal"));
    os::SupervisedOptions programs;
    programs.folder = folder;
    programs.first = {{bin + "/initdb", "--pgdata=" + folder + "/data", "--username=postgres", "--auth=trust",
                       "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"}};
    programs.program = {bin + "/postgres",
                        "-D",
                        folder + "/data",
                        "-k",
                        folder,
                        "-c",
                        "listen_addresses=",
                        "-c",
                        "fsync=off",
                        "-c",
                        "full_page_writes=off",
                        "-c",
                        "synchronous_commit=off",
                        "-c",
                        "max_connections=20",
                        "-c",
                        "shared_buffers=64MB",
                        "-c",
                        "autovacuum=off",
                        "-c",
                        "unix_socket_permissions=0700",
                        "-c",
                        "dynamic_shared_memory_type=mmap"};
    ASSIGN_OR_RETURN(os::Supervised server, os::Supervised::start(programs));
    auto scratch = std::make_unique<ThrowawayServer>(options, folder, std::move(server));
    RETURN_IF_ERROR(scratch->wait_until_it_answers());
    return std::unique_ptr<Scratch>(std::move(scratch));
  }

  Status create_roles(const std::vector<std::string>& roles) override {
    std::vector<std::string> statements;
    for (const std::string& role : roles) {
      if (role != "postgres") statements.push_back("CREATE ROLE " + quote_identifier(role));
    }
    return statements.empty() ? Status() : admin(statements);
  }
  std::string about() const override { return "a throwaway PostgreSQL in " + os::parent_folder(folder_); }

 protected:
  StoreEndpoint endpoint(const std::string& database) const override {
    return local_endpoint(folder_, database);
  }
  std::string admin_database() const override { return "postgres"; }

 private:
  Status wait_until_it_answers() {
    const int64_t deadline_us = options_.clock->monotonic_us() + start_within_ms * 1000;
    for (;;) {
      if (open_database(endpoint("postgres"), options_.cancel).ok()) return {};
      if (options_.cancel != nullptr && options_.cancel->load())
        return make_error(ErrorKind::interrupted, "cancelled while the throwaway server started");
      if (!server_.running() || options_.clock->monotonic_us() > deadline_us)
        return make_error(ErrorKind::failed, "the throwaway PostgreSQL did not start in " + folder_,
                          "name a server to be used: --server URL");
      options_.clock->sleep_ms(50);
    }
  }

  std::string folder_;
  os::Supervised server_;
};

class Files final : public Scratch {
 public:
  Files(std::string folder, const ScratchOptions& options) : folder_(std::move(folder)), options_(options) {}
  ~Files() override { static_cast<void>(os::remove_all(folder_)); }

  Status create(const std::string& name, const std::string& from) override {
    if (from.empty()) return {};
    ASSIGN_OR_RETURN(const std::string bytes, os::read_file(path(from)));
    return os::write_file(path(name), bytes);
  }
  Status drop(const std::string& name) override {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
      RETURN_IF_ERROR(os::remove_all(path(name) + suffix));
    return {};
  }
  Result<std::unique_ptr<Database>> open(const std::string& name) override {
    return open_database(endpoint_of(name), options_.cancel);
  }
  StoreEndpoint endpoint_of(const std::string& name) const override {
    StoreEndpoint endpoint;
    endpoint.store = "of the rehearsal";
    endpoint.environment = "rehearsal";
    endpoint.kind = "sqlite";
    endpoint.path = path(name);
    return endpoint;
  }
  Status create_roles(const std::vector<std::string>& /*roles*/) override { return {}; }
  std::string about() const override { return "temporary SQLite files"; }

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name + ".db"; }
  std::string folder_;
  ScratchOptions options_;
};

}  // namespace

Result<std::unique_ptr<Scratch>> make_scratch(const ScratchOptions& options) {
  if (options.dialect == sql::Dialect::sqlite) {
    ASSIGN_OR_RETURN(const std::string folder,
                     os::make_scratch_folder(options.temporary_folder, "godwit-rehearsal"));
    return std::unique_ptr<Scratch>(new Files(folder, options));
  }
  if (!options.server.empty()) return std::unique_ptr<Scratch>(new GivenServer(options));
  return ThrowawayServer::start(options);
}

}  // namespace godwit::schema
