#include "clean_texts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "inkwash/document.h"
#include "inkwash/unicode.h"
#include "inputs.h"
#include "outputs.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

class Texts {
 public:
  Texts(const fs::path& path, const Fail& fail, const Add& add) : path_(path), fail_(fail), add_(add) {}

  void read(Found found) const {
    auto& [container, input] = found;
    const std::string name = path_.native();
    switch (container) {
      case Container::plain:
        take(name, input.bytes ? std::move(*input.bytes) : read_all(path_, max_document_bytes));
        break;
      case Container::compressed:
        take(name, decompress(std::move(input), max_document_bytes));
        break;
      case Container::json_lines:
        take_records(name, std::move(input));
        break;
      case Container::archive:
        take_members(name, std::move(input));
        break;
    }
  }

 private:
  using Text = expected<std::string, std::string>;

  void take(const std::string& name, const Text& text) const {
    if (!text) return fail_(name, text.error());
    if (const std::size_t wrong = utf8_first_error(*text); wrong != text->size())
      return fail_(name, fmt::format("byte {}: this is not UTF-8; `inkwash clean` makes it so", wrong));
    add_(path_, *text);
  }

  void take_records(const std::string& name, Input input) const {
    const auto reader = LineReader::open(std::move(input), max_document_bytes);
    if (!reader) return fail_(name, reader.error());
    for (std::uint64_t number = 1;; ++number) {
      const auto line = (*reader)->next();
      if (!line) return fail_(name, line.error());
      if (!*line) return;
      if ((*line)->find_first_not_of(" \t\r\n") == std::string::npos) continue;
      const nlohmann::json record = nlohmann::json::parse(**line, nullptr, false);
      const auto field = record.is_object() ? record.find("text") : record.end();
      const std::string place = fmt::format("{}:{}", name, number);
      if (field == record.end() || !field->is_string())
        fail_(place, "not a JSON record with a \"text\"");
      else
        take(place, field->get<std::string>());
    }
  }

  void take_members(const std::string& name, Input input) const {
    const auto reader = ArchiveReader::open(std::move(input), max_document_bytes);
    if (!reader) return fail_(name, reader.error());
    for (;;) {
      auto member = (*reader)->next();
      if (!member) {
        fail_(name, member.error());
        if (!(*reader)->can_go_on()) return;
        continue;
      }
      if (!*member) return;
      auto& [inside, bytes] = **member;
      const std::string place = name + ":" + inside;
      const Container container = container_of(inside);
      if (container == Container::archive)
        fail_(place, "an archive in an archive is not read");
      else if (container == Container::json_lines)
        take_records(place, {{}, std::move(bytes)});
      else if (container == Container::compressed)
        take(place, decompress({{}, std::move(bytes)}, max_document_bytes));
      else
        take(place, std::move(bytes));
    }
  }

  const fs::path& path_;
  const Fail& fail_;
  const Add& add_;
};

}  // namespace

void check_output(const Arguments& arguments, std::string_view made, std::vector<std::string>& errors) {
  const fs::path output(arguments.value("output"));
  if (output == "-") return;
  std::error_code ignored;
  if (!output.empty() && fs::exists(output, ignored) && !arguments.has("overwrite"))
    errors.push_back(fmt::format("{} is there already; --overwrite replaces it", printable(output.native())));
  for (const std::string& input : arguments.inputs)
    if (input != "-" && fs::equivalent(input, output, ignored))
      errors.push_back(fmt::format("{} is an input, too; give the {} another name", printable(input), made));
}

void read_clean_texts(const Arguments& arguments, const Fail& fail, const Add& add) {
  const fs::path output(arguments.value("output"));
  std::vector<InputName> inputs;
  for (const std::string& input : arguments.inputs) inputs.push_back({input});
  Walk walk(std::move(inputs), {}, fail);
  std::set<std::pair<dev_t, ino_t>> seen;
  while (const auto file = walk.next()) {
    struct stat status {};
    if (file->path != "-") {
      std::error_code ignored;
      if (fs::equivalent(file->path, output, ignored)) continue;
      if (::stat(file->path.c_str(), &status) == 0 && !seen.emplace(status.st_dev, status.st_ino).second) continue;
    }
    auto found = look_into(*file, max_document_bytes, false);
    if (found)
      Texts(file->path, fail, add).read(std::move(*found));
    else
      fail(file->path.native(), found.error());
  }
}

}  // namespace inkwash::cli
