// What every page has: its head, whose report it is and what it says in one line.
#include "base/time.h"
#include "report/escape.h"
#include "report/html/page_parts.h"

#include <fmt/format.h>

namespace godwit::report::html {

namespace {

// Nothing is fetched and nothing runs, whatever a name might contain.
constexpr std::string_view policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

// A wader in flight, drawn by hand.
constexpr std::string_view bird =
    "<svg class=\"bird\" viewBox=\"0 0 64 40\" width=\"48\" height=\"30\" aria-hidden=\"true\" "
    "focusable=\"false\">"
    "<path d=\"M1 17 L19 20.4 C21 17.6 24.6 17 27.4 18.6 L34 20 C31 13 32 6 38 1 C40 8 44 13 50 18.6 C54 "
    "20.6 58.6 23 "
    "63 27.4 C56 26.6 50 27 45 28.4 C37 31 29 29.6 24.4 24.6 C22.6 23.4 20.6 22.6 19 22.2 Z\" "
    "fill=\"currentColor\"/>"
    "<path d=\"M45 28.4 L56 36 M41 29.4 L51 37.6\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"1.2\" "
    "stroke-linecap=\"round\"/></svg>";

std::string_view tone_name(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::warning:
      return "warn";
    case Tone::bad:
      return "bad";
    case Tone::neutral:
      return "info";
  }
  return "info";
}

std::string_view tone_mark(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "M6 12.5 L10.2 16.7 L18 8";
    case Tone::warning:
      return "M12 6 V13 M12 16.6 V17";
    case Tone::bad:
      return "M8 8 L16 16 M16 8 L8 16";
    case Tone::neutral:
      return "M12 11 V17.4 M12 7 V7.4";
  }
  return "";
}

}  // namespace

std::string open_page(std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" "
      "content=\"no-referrer\"/>\n"
      "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\"/>\n<style>\n{}</style>\n</head>\n<body>\n",
      policy, escape_xml(title), style());
}

void open_header(Tone tone, std::string_view what, std::string& out) {
  out += fmt::format("<header class=\"tone-{}\">\n<div class=\"wrap\">\n", tone_name(tone));
  out += fmt::format("<p class=\"brand\">{}<b>godwit</b> <span>{} report</span></p>\n", bird, what);
}

void verdict(Tone tone, std::string_view words, std::string_view meaning, std::string& out) {
  out += fmt::format(
      "<p class=\"verdict\"><svg viewBox=\"0 0 24 24\" width=\"34\" height=\"34\" aria-hidden=\"true\" "
      "focusable=\"false\"><circle "
      "cx=\"12\" cy=\"12\" r=\"11\"/><path d=\"{}\"/></svg><span><strong>{}</strong> {}</span></p>\n",
      tone_mark(tone), escape_xml(words), escape_xml(meaning));
}

void fact(std::string_view name, const std::string& value, std::string& out, bool code) {
  if (value.empty()) return;
  out += fmt::format("<div><dt>{}</dt><dd>{}{}{}</dd></div>\n", name, code ? "<code>" : "", value,
                     code ? "</code>" : "");
}

void started(int64_t started_us, std::string& out) {
  if (started_us == 0) return;
  const std::string text = iso_utc(started_us);
  fact("Started",
       fmt::format("<time datetime=\"{}\">{} {} UTC</time>", text, text.substr(0, 10), text.substr(11, 8)),
       out);
}

void figure(std::string_view name, const std::string& value, const std::string& beneath, std::string& out,
            std::string_view tone) {
  out += fmt::format("<div{}><dt>{}</dt><dd><b>{}</b>{}</dd></div>\n",
                     tone.empty() ? "" : fmt::format(" class=\"is-{}\"", tone), name, value,
                     beneath.empty() ? "" : fmt::format("<span>{}</span>", beneath));
}

}  // namespace godwit::report::html
