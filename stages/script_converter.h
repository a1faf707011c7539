// OpenCC with the places of what it changes.
#pragma once

#include <algorithm>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/Exception.hpp>
#include <opencc/Segmentation.hpp>
#include <opencc/Segments.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"
#include "inkwash/unicode.h"

namespace inkwash::stages {

/// OpenCC's converter with the places of what it changes. Thread-safe after construction: OpenCC's
/// dictionaries are only read.
class ScriptConverter {
 public:
  /// Error: why there is no such configuration.
  static expected<ScriptConverter, std::string> open(const std::string& configuration) {
    ScriptConverter converter;
    try {
      opencc::Config config;
      converter.converter_ = config.NewFromFile(configuration + ".json");
      converter.segmentation_ = converter.converter_->GetSegmentation();
      converter.chain_ = converter.converter_->GetConversionChain();
    } catch (const opencc::Exception& error) {  // no std::exception
      return unexpected(std::string(error.what()));
    } catch (const std::exception& error) {
      return unexpected(std::string(error.what()));
    }
    if (!converter.segmentation_ || !converter.chain_)
      return unexpected(std::string("this version of OpenCC does not offer its segments"));
    return converter;
  }

  /// Calls change(offset, length, converted) for each segment of `text` that changes. No NUL in it.
  template <typename Change>
  void for_each_change(const std::string& text, Change change) const {
    const opencc::SegmentsPtr before = segmentation_->Segment(text);
    const opencc::SegmentsPtr after = chain_->Convert(before);
    // OpenCC 1.1 may cut a segment inside a character of four bytes. The text is right all the same,
    // but only as a whole.
    if (!at_characters(text, *before)) {
      const std::string whole = converter_->Convert(text);
      if (whole != text && utf8_first_error(whole) == whole.size()) change(0, text.size(), whole);
      return;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < before->Length(); ++i) {
      const std::string_view old = before->At(i);
      const std::string_view converted = after->At(i);
      if (old != converted) change(at, old.size(), converted);
      at += old.size();
    }
  }

  /// No dictionary of the chain lists the character as a form of itself, and it changes.
  [[nodiscard]] bool must_change(const std::string& character) const {
    if (converter_->Convert(character) == character) return false;
    for (const auto& conversion : chain_->GetConversions()) {
      const auto entry = conversion->GetDict()->Match(character);
      if (entry.IsNull()) continue;
      const std::vector<std::string> forms = entry.Get()->Values();
      if (std::find(forms.begin(), forms.end(), character) != forms.end()) return false;
    }
    return true;
  }

 private:
  /// The segments are the text, cut between characters.
  static bool at_characters(std::string_view text, const opencc::Segments& segments) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < segments.Length(); ++i) {
      const std::string_view segment = segments.At(i);
      if (text.substr(at, segment.size()) != segment) return false;
      at += segment.size();
      if (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) return false;
    }
    return at == text.size();
  }

  opencc::ConverterPtr converter_;
  opencc::SegmentationPtr segmentation_;
  opencc::ConversionChainPtr chain_;
};

}  // namespace inkwash::stages
