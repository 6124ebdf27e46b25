#include "schema/program/alembic_configuration.h"

#include "os/files.h"
#include "schema/convert/key_values.h"
#include "schema/program/tool.h"

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view pyproject_name = "pyproject.toml", ini_name = "alembic.ini";
constexpr std::string_view table = "tool.alembic.";

Result<std::vector<alembic::PyprojectOption>> read_pyproject(const std::string& path) {
  std::vector<alembic::PyprojectOption> options;
  if (!os::exists(path)) return options;
  ASSIGN_OR_RETURN(const std::string text, os::read_file(path));
  const KeyValues values = read_toml(text);
  for (const KeyValue& pair : values.all()) {
    if (pair.key.starts_with(table))
      options.push_back({pair.key.substr(table.size()), pair.items, {path, pair.line, 1}});
  }
  return options;
}

std::string in_folder(const std::string& folder, std::string_view name) {
  return (folder.ends_with('/') ? folder : folder + "/") + std::string(name);
}

// The folder of the nearest configuration; empty = there is none.
Result<std::string> nearest_configuration(const std::string& from) {
  for (std::string here = os::absolute_path(from);; here = os::parent_folder(here)) {
    if (os::exists(in_folder(here, ini_name))) return here;
    ASSIGN_OR_RETURN(const auto options, read_pyproject(in_folder(here, pyproject_name)));
    if (!options.empty()) return here;
    if (here.size() <= 1) return std::string();
  }
}

// The folder that holds all of them.
std::string common_folder(const std::vector<std::string>& folders) {
  std::string common = folders.front();
  for (const std::string& folder : folders) {
    while (!common.empty() && folder != common && !folder.starts_with(common + "/"))
      common.erase(common.rfind('/'));
  }
  return common.empty() ? "/" : common;
}

}  // namespace

Result<std::optional<AlembicConfiguration>> find_alembic_configuration(const Target& target) {
  AlembicConfiguration found;
  found.section = target.programs.ini_section.empty() ? "alembic" : target.programs.ini_section;
  found.ini = in_project(target, target.programs.ini);
  if (found.ini.empty()) {
    ASSIGN_OR_RETURN(found.folder, nearest_configuration(target.directory));
    found.ini = in_folder(found.folder, ini_name);
  } else {
    found.folder = os::parent_folder(found.ini);
    if (!os::exists(found.ini)) found.folder.clear();
    if (found.ini.ends_with("/" + std::string(pyproject_name))) found.ini = in_folder(found.folder, ini_name);
  }
  if (found.folder.empty()) return std::optional<AlembicConfiguration>();
  ASSIGN_OR_RETURN(const auto options, read_pyproject(in_folder(found.folder, pyproject_name)));
  if (os::exists(found.ini)) {
    ASSIGN_OR_RETURN(found.text, os::read_file(found.ini));
  }
  ASSIGN_OR_RETURN(found.read,
                   alembic::read_alembic_ini(found.text, found.ini, found.folder, found.section, options));
  return std::optional<AlembicConfiguration>(std::move(found));
}

Status place_revisions(Target& target) {
  if (target.migrations.tool != "alembic") return {};
  ASSIGN_OR_RETURN(const auto found, find_alembic_configuration(target));
  if (!found || (found->read.version_locations.size() == 1 && !found->read.recursive)) return {};
  std::vector<std::string> folders;
  for (const std::string& location : found->read.version_locations) {
    const std::string folder =
        os::absolute_path(location.starts_with('/') ? location : in_folder(found->folder, location));
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  }
  target.directory = common_folder(folders);
  target.revision_folders.clear();
  for (const std::string& folder : folders)
    target.revision_folders.push_back(
        folder == target.directory ? "" : folder.substr(in_folder(target.directory, "").size()));
  target.revisions_below = found->read.recursive;
  target.programs.ini = os::exists(found->ini) ? found->ini : in_folder(found->folder, pyproject_name);
  return {};
}

}  // namespace godwit::schema
