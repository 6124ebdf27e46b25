#include "config/yaml/tree.h"

#include "base/text.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace godwit::config {

namespace {

constexpr size_t nodes_max = 1'000'000;

// Turns the parser's byte positions into lines and columns (code points, from 1).
class Positions {
 public:
  Positions(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  [[nodiscard]] SourceLocation at(const YAML::Mark& mark) const {
    SourceLocation where{file_, mark.line + 1, mark.column + 1};
    if (mark.line < 0 || static_cast<size_t>(mark.line) >= starts_.size()) return where;
    const std::string_view line = text_.substr(starts_[static_cast<size_t>(mark.line)]);
    int column = 1;
    for (size_t i = 0; i < static_cast<size_t>(std::max(mark.column, 0)) && i < line.size(); ++i) {
      if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U) ++column;
    }
    where.column = column;
    return where;
  }

  // What a null was written as: the parser's event does not say.
  [[nodiscard]] std::string null_text_at(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<size_t>(mark.line) >= starts_.size()) return {};
    const std::string_view rest = text_.substr(
        std::min(text_.size(), starts_[static_cast<size_t>(mark.line)] + static_cast<size_t>(mark.column)));
    if (rest.substr(0, 1) == "~") return "~";
    return to_lower_ascii(rest.substr(0, 4)) == "null" ? "null" : "";
  }

 private:
  std::string_view text_;
  std::string file_;
  std::vector<size_t> starts_;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(const Positions& positions, Problems& problems) : positions_(positions), problems_(problems) {}

  [[nodiscard]] NodePointer root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    node->where = positions_.at(mark);
    node->text = positions_.null_text_at(mark);
    // An absent value is reported where its key stands: the parser gives the next token's place.
    if (node->text.empty() && !frames_.empty() && frames_.back().key) node->where = frames_.back().key_where;
    complete(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found != anchors_.end()) {
      place(found->second);
      return;
    }
    problems_.add(positions_.at(mark), "an anchor that contains itself");
    auto node = std::make_shared<Node>();
    node->where = positions_.at(mark);
    place(node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::scalar;
    node->where = positions_.at(mark);
    node->text = value;
    node->quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!node->quoted) refuse_tag(mark, tag);
    complete(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    start(mark, tag, anchor, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { finish(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    start(mark, tag, anchor, Node::Kind::mapping);
  }
  void OnMapEnd() override { finish(); }

 private:
  struct Frame {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;
    std::set<std::string> keys;
    SourceLocation key_where;
    bool merge = false;
    std::vector<NodePointer> merged;
  };

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    problems_.add(positions_.at(mark), fmt::format("tag '{}' is not supported", tag));
  }

  void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    Frame frame;
    frame.node = std::make_shared<Node>();
    frame.node->kind = kind;
    frame.node->where = positions_.at(mark);
    frame.anchor = anchor;
    refuse_tag(mark, tag);
    frames_.push_back(std::move(frame));
  }

  void finish() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    merge(frame);
    complete(std::move(frame.node), frame.anchor);
  }

  // Explicit keys win over merged ones, earlier merged mappings over later ones (YAML merge key draft, 2005).
  void merge(Frame& frame) {
    for (const auto& source : frame.merged) {
      for (const auto& entry : source->entries) {
        if (frame.keys.insert(entry.key).second) frame.node->entries.push_back(entry);
      }
    }
  }

  void complete(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    for (const auto& item : node->items)
      node->size = std::min(nodes_max + 1, node->size + item->size);
    for (const auto& entry : node->entries) {
      node->size = std::min(nodes_max + 1, node->size + entry.value->size);
    }
    NodePointer done = std::move(node);
    if (anchor != 0) anchors_[anchor] = done;
    place(done);
  }

  void place(const NodePointer& node) {
    if (frames_.empty()) {
      root_ = node;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node->kind == Node::Kind::sequence) {
      frame.node->items.push_back(node);
    } else if (!frame.key) {
      take_key(frame, *node);
    } else {
      take_value(frame, node);
    }
  }

  void take_key(Frame& frame, const Node& node) {
    frame.key = node.text;
    frame.key_where = node.where;
    frame.merge = node.kind == Node::Kind::scalar && !node.quoted && node.text == "<<";
    if (node.kind != Node::Kind::scalar) {
      problems_.add(node.where, fmt::format("a key must be text, found {}", describe(node)));
    }
  }

  void take_value(Frame& frame, const NodePointer& node) {
    const std::string key = std::move(*frame.key);
    frame.key.reset();
    if (frame.merge) {
      take_merge(frame, node);
      return;
    }
    if (!frame.keys.insert(key).second) {
      problems_.add(frame.key_where, fmt::format("key '{}' appears twice, first in line {}", key,
                                                 frame.node->find(key)->where.line));
      return;
    }
    frame.node->entries.push_back({key, frame.key_where, node});
  }

  void take_merge(Frame& frame, const NodePointer& node) {
    const std::vector<NodePointer> single = {node};
    for (const auto& source : node->kind == Node::Kind::sequence ? node->items : single) {
      if (source->kind == Node::Kind::mapping) {
        frame.merged.push_back(source);
      } else {
        problems_.add(frame.key_where, fmt::format("'<<' merges mappings, found {}", describe(*source)));
      }
    }
  }

  const Positions& positions_;
  Problems& problems_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, NodePointer> anchors_;
  NodePointer root_;
};

// Bytes that YAML forbids; the parser would take one of them (0x04) for the end of the file.
bool refuse_bytes(std::string_view text, const std::string& file, Problems& problems) {
  if (!is_valid_utf8(text)) {
    problems.add({file, 1, 1}, "the file is not valid UTF-8");
    return true;
  }
  SourceLocation where{file, 1, 0};
  for (const char c : text) {
    ++where.column;
    if (c == '\n') {
      ++where.line;
      where.column = 0;
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F) {
      problems.add(where, fmt::format("a control character (0x{:02X})", static_cast<unsigned char>(c)));
      return true;
    }
  }
  return false;
}

// 0 when there is none. The parser's own message for it is seldom about the tab.
int first_tab_indented_line(std::string_view text) {
  int number = 0;
  for (const auto& line : split(text, '\n')) {
    ++number;
    const size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line[first] == '\t') return number;
  }
  return 0;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

bool is_yaml_integer(const Node& node) {
  if (node.kind != Node::Kind::scalar || node.quoted) return false;
  std::string_view digits = node.text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  return !digits.empty() &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_yaml_number(const Node& node) {
  if (node.kind != Node::Kind::scalar || node.quoted || node.text.empty()) return false;
  const std::string& text = node.text;
  size_t i = text[0] == '-' || text[0] == '+' ? 1 : 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9')
      ++i;
    return i - from;
  };
  size_t count = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += digits();
  }
  if (count == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

bool is_yaml_boolean(const Node& node) {
  if (node.kind != Node::Kind::scalar || node.quoted) return false;
  constexpr std::string_view words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  return std::find(std::begin(words), std::end(words), node.text) != std::end(words);
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return node.text.empty() ? "nothing" : "null";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::scalar:
      break;
  }
  if (is_yaml_number(node)) return "a number";
  if (is_yaml_boolean(node)) return "true or false";
  return "text";
}

NodePointer parse_yaml(std::string_view text, const std::string& file, Problems& problems) {
  if (refuse_bytes(text, file, problems)) return nullptr;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  const Positions positions(text, file);
  Builder builder(positions, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      auto empty = std::make_shared<Node>();
      empty->where = {file, 1, 1};
      return empty;
    }
    const NodePointer root = builder.root();
    if (parser.HandleNextDocument(builder)) {
      problems.add(builder.root()->where, "a second document; one file holds one");
    }
    if (root->size > nodes_max) {
      problems.add({file, 1, 1}, fmt::format("more than {} values, aliases expanded", nodes_max));
      return nullptr;
    }
    return root;
  } catch (const YAML::Exception& exception) {
    const SourceLocation where = positions.at(exception.mark);
    const int tab_line = first_tab_indented_line(text);
    if (tab_line > 0 && tab_line <= where.line) {
      problems.add({file, tab_line, 1}, "not valid YAML: a tab in the indentation; use spaces");
    } else {
      problems.add(where, "not valid YAML: " + exception.msg);
    }
    return nullptr;
  }
}

}  // namespace godwit::config
