#include "schema/adopt/liquibase_files.h"

#include "base/text.h"
#include "os/files.h"
#include "schema/history/liquibase/liquibase.h"

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view formatted_mark = "liquibase formatted sql";

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string both_in(const std::string& left, const std::string& right) {
  const auto of_left = split(left, '/'), of_right = split(right, '/');
  std::vector<std::string> shared;
  for (size_t i = 0; i < std::min(of_left.size(), of_right.size()) && of_left[i] == of_right[i]; ++i)
    shared.push_back(of_left[i]);
  return join(shared, "/");
}

// "src/db/a.sql" for "db/a.sql": the search path is "src/". Nothing where no file ends so.
const std::string* file_of(const std::string& name, const std::vector<std::string>& paths) {
  const auto found = std::find_if(paths.begin(), paths.end(), [&](const std::string& path) {
    return path == name || path.ends_with("/" + name);
  });
  return found == paths.end() ? nullptr : &*found;
}

Result<std::vector<std::string>> formatted_files(const std::vector<std::string>& paths,
                                                 const std::string& project) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    if (!to_lower_ascii(path).ends_with(".sql")) continue;
    ASSIGN_OR_RETURN(const std::string text, os::read_file(project + "/" + path));
    const std::string first = to_lower_ascii(text.substr(0, text.find('\n')));
    if (first.find(formatted_mark) != std::string::npos) found.push_back(path);
  }
  return found;
}

std::string with_slash(const std::string& folder) {
  return folder.empty() ? "" : folder + "/";
}

}  // namespace

Result<LiquibaseFiles> find_liquibase_files(const std::vector<std::string>& recorded,
                                            const std::vector<std::string>& paths,
                                            const std::string& changelog, const std::string& project) {
  LiquibaseFiles files;
  std::string search_path;
  bool any = false;
  for (const std::string& written : recorded) {
    const std::string name = normalised_path(written);
    const std::string* file = file_of(name, paths);
    if (file == nullptr) continue;  // a logicalFilePath, or a file that is gone
    files.folder = any ? both_in(files.folder, folder_of(*file)) : folder_of(*file);
    search_path = file->substr(0, file->size() - name.size());
    any = true;
  }
  if (any) {
    files.prefix =
        with_slash(files.folder).substr(std::min(search_path.size(), with_slash(files.folder).size()));
    return files;
  }
  const std::string name = normalised_path(changelog);
  if (const std::string* file = name.empty() ? nullptr : file_of(name, paths)) {
    files.folder = folder_of(*file);
    files.prefix = with_slash(folder_of(name));
    return files;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> formatted, formatted_files(paths, project));
  for (const std::string& path : formatted) {
    files.folder = any ? both_in(files.folder, folder_of(path)) : folder_of(path);
    any = true;
  }
  files.prefix = with_slash(files.folder);
  return files;
}

}  // namespace godwit::schema
