#include "schema/history/flyway/script_text.h"

#include "base/text.h"
#include "schema/history/checksum.h"
#include "schema/history/lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto code = static_cast<uint8_t>(c);
    if (code < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return text;
}

int line_at(std::string_view text, size_t offset) {
  return 1 +
         static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace

Result<std::string> decode(const MigrationFile& file, std::string_view encoding) {
  const std::string name = to_lower_ascii(encoding);
  std::string text;
  if (name == "utf-8" || name == "utf8") {
    if (!is_valid_utf8(file.text)) return error_at(file, 1, "it is not UTF-8", "name its encoding");
    text = file.text;
  } else if (name == "iso-8859-1" || name == "latin1") {
    text = from_latin1(file.text);
  } else {
    return error_at(file, 1, fmt::format("its encoding {} is not known", encoding),
                    "known are: UTF-8, ISO-8859-1");
  }
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return text;
}

int32_t flyway_checksum(std::string_view text) {
  uint32_t checksum = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    checksum = crc32(text.substr(0, end), checksum);
    const size_t line_end = text.substr(end, 2) == "\r\n" ? 2 : 1;
    text.remove_prefix(std::min(end + line_end, text.size()));
  }
  return static_cast<int32_t>(checksum);
}

Result<std::string> replace_placeholders(const MigrationFile& file, std::string_view text,
                                         const std::map<std::string, std::string>& values) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t begin = text.find("${", at);
    const size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out += text.substr(at);
    const std::string placeholder(text.substr(begin + 2, end - begin - 2));
    const auto found = values.find(placeholder);
    if (found == values.end()) {
      return error_at(file, line_at(text, begin),
                      fmt::format("no value for the placeholder ${{{}}}", placeholder),
                      "name it under placeholders, or switch them off for this file in its .conf: "
                      "placeholderReplacement=false");
    }
    out.append(text.substr(at, begin - at)).append(found->second);
    at = end + 1;
  }
}

Result<ScriptSettings> read_script_settings(const MigrationFile& file) {
  ScriptSettings settings;
  int number = 0;
  for (const std::string_view raw : lines_of(file.text)) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.starts_with('#') || line.starts_with('!')) continue;
    const size_t equals = line.find('=');
    const std::string_view key = trim(line.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? "" : trim(line.substr(equals + 1));
    if (key == "encoding") {
      settings.encoding = value;
      continue;
    }
    if (value != "true" && value != "false")
      return error_at(file, number, fmt::format("{} is neither true nor false, or not known", key));
    if (key == "executeInTransaction") {
      settings.transaction = value == "true" ? TransactionMode::always : TransactionMode::never;
    } else if (key == "placeholderReplacement") {
      settings.placeholders = value == "true";
    } else if (key != "shouldExecute" || value != "true") {
      return error_at(file, number, fmt::format("the setting {} is not known", key),
                      "known are: executeInTransaction, placeholderReplacement, encoding");
    }
  }
  return settings;
}

}  // namespace godwit::schema
