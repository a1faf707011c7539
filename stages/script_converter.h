// OpenCC's configurations with the places of what they change.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "inkwash/expected.h"
#include "stages/script_matcher.h"

namespace opencc {
class Converter;
}

namespace inkwash::stages {

/// One configuration of OpenCC. Its result is, byte by byte, what OpenCC makes of each line; NULs and bytes that
/// are not UTF-8 stay, and end lines for it. Immutable, so safe to use from any thread; movable.
///
///     const auto converter = ScriptConverter::open("t2s");
///     if (converter) converter->append("後來", text);
class ScriptConverter {
 public:
  enum class Engine {
    compiled,  ///< the dictionaries compiled (ScriptMatcher), where this version of OpenCC shows them: when inkwash was
               ///< built, if rules/script.toml lists the name and what is installed is the same, and else here
    library,   ///< OpenCC itself: about a hundredth of the speed, and less precise places
  };

  /// `configuration`: a name that OpenCC knows or a path, without ".json". Error: why there is no such
  /// configuration.
  [[nodiscard]] static expected<ScriptConverter, std::string> open(const std::string& configuration,
                                                                   Engine engine = Engine::compiled);

  [[nodiscard]] Engine engine() const noexcept { return matcher_ ? Engine::compiled : Engine::library; }

  /// A part of a text and where what it became stands in what is made of the text.
  using Change = ScriptMatcher::Change;

  /// Appends the conversion of `text`. Any bytes. What is not in step (see ScriptMatcher) is added to `uneven`.
  void append(std::string_view text, std::string& to, std::vector<Change>* uneven = nullptr) const;

  /// Calls change(offset, length, converted) for each segment of `text` that changes, in their order. Any bytes.
  /// `converted` is valid during the call.
  template <typename Change>
  void for_each_change(std::string_view text, Change change) const {
    if (matcher_) return matcher_->for_each_change(text, change);
    std::string converted;
    for (std::size_t at = 0; at < text.size();) {
      const Piece piece = convert_line(text, at, converted);
      if (piece.length != 0 || !converted.empty()) change(piece.begin, piece.length, std::string_view(converted));
      at = piece.next;
    }
  }

 private:
  /// What changes in a line, without what stays at both ends of it.
  struct Piece {
    std::size_t begin, length;
    std::size_t next;  ///< line
  };

  ScriptConverter() = default;
  Piece convert_line(std::string_view text, std::size_t begin, std::string& converted) const;

  std::optional<ScriptMatcher> matcher_;
  std::shared_ptr<opencc::Converter> library_;  ///< where there is no matcher
};

}  // namespace inkwash::stages
