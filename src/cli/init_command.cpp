#include "cli/commands.h"
#include "cli/db/commands.h"
#include "config/load.h"
#include "config/starter.h"
#include "config/write.h"
#include "os/files.h"
#include "schema/convert/convert.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

Status refuse_to_overwrite(const Application& app, const std::string& path) {
  if (!os::exists(path) || app.arguments().force) return {};
  return make_error(ErrorKind::usage, path + " is there already", "godwit init --force overwrites it");
}

// As godwit.yml in `folder` says it.
std::string relative(const std::string& path, const std::string& folder) {
  if (path == folder) return ".";
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

// A file made of another tool's configuration. It is read again before it is written: what init writes, every
// command takes.
Status convert(Application& app, const std::string& folder) {
  const std::string path = folder + "/godwit.yml";
  RETURN_IF_ERROR(refuse_to_overwrite(app, path));
  const std::string& from = app.arguments().from;
  ASSIGN_OR_RETURN(schema::Conversion conversion,
                   schema::convert_configuration(from, db_services(app, nullptr)));
  const std::string migrations = conversion.database.migrations.directory;
  conversion.database.migrations.directory = relative(migrations, folder);
  std::string text = fmt::format("# Made of {} by godwit init.\n", from.substr(from.rfind('/') + 1));
  for (const std::string& note : conversion.notes)
    text += fmt::format("#   {}\n", note);
  text += settings_lines(conversion.project, conversion.database, conversion.names);
  const auto read = parse_settings(text, path);
  if (!read.ok()) return wrap(read.error(), fmt::format("what {} says is no configuration", from));
  RETURN_IF_ERROR(os::make_folder(folder));
  RETURN_IF_ERROR(os::make_folder(migrations));
  RETURN_IF_ERROR(os::write_file(path, text, os::FileReaders::everybody));
  if (app.arguments().json) {
    app.print_json(nlohmann::ordered_json{
                       {"version", 1}, {"success", true}, {"written", path}, {"notes", conversion.notes}}
                       .dump(1) +
                   "\n");
    return {};
  }
  app.print(path + "\n");
  for (const std::string& note : conversion.notes)
    app.print("note: " + note + "\n");
  app.tell("next: godwit db status");
  return {};
}

}  // namespace

Status init_command(Application& app) {
  const std::string folder = os::absolute_path(app.arguments().directory.empty() ? app.world().current_folder
                                                                                 : app.arguments().directory);
  if (!app.arguments().from.empty()) return convert(app, folder);
  for (const StarterFile& file : starter_settings())
    RETURN_IF_ERROR(refuse_to_overwrite(app, folder + "/" + std::string(file.name)));
  RETURN_IF_ERROR(os::make_folder(folder));
  for (const StarterFile& file : starter_settings()) {
    const std::string path = folder + "/" + std::string(file.name);
    RETURN_IF_ERROR(os::write_file(path, file.text));
    app.print(path + "\n");
  }
  app.tell("next: edit godwit.yml, then: godwit doctor");
  return {};
}

}  // namespace godwit::cli
