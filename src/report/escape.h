// Text made safe for the format it stands in. Names come from schemas and configuration, which people wrote:
// nothing in them may act. Bytes that are no UTF-8 become U+FFFD everywhere, because every reader of ours
// demands UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace godwit::report {

// Valid UTF-8 with control characters (line ends and tabs too) as spaces, and U+FFFD for what reorders or
// hides text (bidirectional overrides, zero-width characters): what a person sees is what is there.
[[nodiscard]] std::string one_line(std::string_view text);

// XML 1.0 and HTML, in text and in quoted attributes: one_line with & < > " ' as entities.
[[nodiscard]] std::string escape_xml(std::string_view text);

// GitHub's Markdown, inside a paragraph, a list item or a table cell: no markup, no mention, no new line.
[[nodiscard]] std::string escape_markdown(std::string_view text);
// The same as a code span; backticks become apostrophes.
[[nodiscard]] std::string markdown_code(std::string_view text);

// A JSON string with its quotes (RFC 8259).
[[nodiscard]] std::string json_text(std::string_view text);

// One field of a CSV file (RFC 4180). What a spreadsheet would take for a formula (= + - @ in front, also
// behind blanks) gets an apostrophe in front and quotes.
[[nodiscard]] std::string csv_field(std::string_view text);

// One word of a POSIX shell's command line, in single quotes where it needs them.
[[nodiscard]] std::string shell_word(std::string_view text);

// A path as a URI reference (RFC 3986), which has few plain characters.
[[nodiscard]] std::string uri(std::string_view path);

}  // namespace godwit::report
