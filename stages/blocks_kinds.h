// What a paragraph is, by itself and by its neighbours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/character_set.h"
#include "stages/pattern.h"

namespace inkwash::stages {

class Settings;

namespace paragraphs {

/// A paragraph and what it looks like by itself.
struct Paragraph {
  BlockKind kind = BlockKind::body;
  bool has_dateline = false;
  bool signs_off = false;  ///< ends with a dateline that ends articles, or is one
  bool closes = false;     ///< a short last sentence that articles end with
  bool starts_article = false;
  bool interrupts = false;  ///< stands inside a sentence
  bool is_rest = false;     ///< its sentence began above what interrupts it
  std::size_t goes_on = 0;  ///< the paragraph that is the rest of this one; 0, which is none's: it has none
  bool is_source = false;   ///< nothing but where the text or the figures are from
  ByteOffset mark_end = 0;  ///< end of the caption mark and the white space after it
};

/// Tells what a paragraph looks like. Immutable; thread-safe.
class Kinds {
 public:
  /// Mistakes in the rules are added to `settings` and `lines`, those of blocks.toml and lines.toml.
  Kinds(Settings& settings, Settings& lines);

  /// A line that may be a headline is one: which, the paragraphs around it tell.
  [[nodiscard]] Paragraph look_at(std::string_view text, const Line& line) const;

 private:
  Paragraph kind_of(std::string_view text, const Line& line) const;

  CharacterSet marks_;
  std::uint32_t headline_most_;
  std::size_t longest_marked_caption_, longest_caption_, longest_closing_, longest_sign_off_;  ///< bytes
  std::uint32_t longest_date_, longest_source_, longest_byline_, longest_note_;                ///< half-ems
  Pattern caption_end_, photographer_, note_, source_, sign_off_, closing_, date_, byline_, dateline_;
};

/// Stands above the text of an article.
[[nodiscard]] bool introduces(const Paragraph& paragraph);

/// Names and offices below a text, above its dateline.
[[nodiscard]] bool is_signature(const std::vector<Paragraph>& paragraphs, std::size_t i);

}  // namespace paragraphs
}  // namespace inkwash::stages
