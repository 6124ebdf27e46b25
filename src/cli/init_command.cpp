#include "cli/commands.h"
#include "config/starter.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit::cli {

Status init_command(Application& app) {
  const std::string folder = os::absolute_path(app.arguments().directory.empty() ? app.world().current_folder
                                                                                 : app.arguments().directory);
  for (const StarterFile& file : starter_settings()) {
    const std::string path = folder + "/" + std::string(file.name);
    if (os::exists(path) && !app.arguments().force) {
      return make_error(ErrorKind::usage, path + " is there already", "godwit init --force overwrites it");
    }
  }
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
