#include "clean_texts.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "inkwash/document.h"
#include "inkwash/unicode.h"
#include "inputs.h"
#include "outputs.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

/// Plain or compressed. Error: why it can't be read, or where it isn't UTF-8.
expected<std::string, std::string> read_clean_text(const fs::path& path) {
  const bool compressed = container_of(path) == Container::compressed;
  auto text = compressed ? decompress({path, {}}, max_document_bytes) : read_all(path, max_document_bytes);
  if (!text) return text;
  if (const std::size_t wrong = utf8_first_error(*text); wrong != text->size())
    return unexpected(fmt::format("byte {}: this is not UTF-8; `inkwash clean` makes it so", wrong));
  return text;
}

}  // namespace

void check_output(const Arguments& arguments, std::string_view made, std::vector<std::string>& errors) {
  const fs::path output(arguments.value("output"));
  std::error_code ignored;
  if (!output.empty() && fs::exists(output, ignored) && !arguments.has("overwrite"))
    errors.push_back(fmt::format("{} is there already; --overwrite replaces it", printable(output.native())));
  for (const std::string& input : arguments.inputs)
    if (fs::equivalent(input, output, ignored))
      errors.push_back(fmt::format("{} is an input, too; give the {} another name", printable(input), made));
}

void read_clean_texts(const Arguments& arguments,
                      const std::function<void(const std::string& path, std::string_view reason)>& fail,
                      const std::function<void(const fs::path& path, std::string_view text)>& add) {
  const fs::path output(arguments.value("output"));
  std::vector<InputName> inputs;
  for (const std::string& input : arguments.inputs) inputs.push_back({input});
  Walk walk(std::move(inputs), {}, fail);
  while (const auto file = walk.next()) {
    std::error_code ignored;
    if (fs::equivalent(file->path, output, ignored)) continue;
    const auto text = read_clean_text(file->path);
    if (text)
      add(file->path, *text);
    else
      fail(file->path.native(), text.error());
  }
}

}  // namespace inkwash::cli
