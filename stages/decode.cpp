#include "stages/decode.h"

#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "inkwash/unicode.h"
#include "stages/character_set.h"
#include "stages/ends.h"
#include "stages/phrases.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { transcode, invalid, byte_order_mark, mojibake, lost, doubtful };
constexpr RuleInfo rule_list[] = {
    {"decode.transcode", "from the source's encoding to UTF-8", Effect::character},
    {"decode.invalid", "bytes that mean nothing in the encoding become U+FFFD", Effect::character},
    {"decode.bom", "drop the byte order mark", Effect::character},
    {"decode.mojibake", "repair text that was decoded wrongly before it was stored", Effect::character},
    {"decode.lost", "text whose bytes were lost before it was stored", Effect::note},
    {"decode.doubtful", "text that makes more sense in another encoding than the one it was said to have",
     Effect::note},
};
constexpr OptionInfo option_list[] = {
    {"encoding", "auto", "the source's encoding, any name ICU knows"},
};

struct ConverterCloser {
  void operator()(UConverter* c) const { ucnv_close(c); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

Converter open_converter(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &status));
  if (U_FAILURE(status)) return nullptr;
  // Stop at what is wrong instead of putting something for it.
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

/// Decodes `bytes` one character at a time: f(begin, end, codepoint), U+FFFD with valid = false for
/// bytes that mean nothing.
template <typename F>
void for_each_character(UConverter* converter, std::string_view bytes, F f) {
  const char* const start = bytes.data();
  const char* const limit = start + bytes.size();
  const char* at = start;
  while (at < limit) {
    const char* const begin = at;
    UErrorCode status = U_ZERO_ERROR;
    const UChar32 c = ucnv_getNextUChar(converter, &at, limit, &status);
    const bool bad = U_FAILURE(status);
    if (bad) {
      ucnv_reset(converter);
      if (at == begin) ++at;
      if (status == U_TRUNCATED_CHAR_FOUND) at = limit;
    }
    f(static_cast<ByteOffset>(begin - start), static_cast<ByteOffset>(at - start),
      bad ? Codepoint{0xFFFD} : static_cast<Codepoint>(c), !bad);
  }
}

class DecodeStage final : public Stage {
 public:
  explicit DecodeStage(Settings& settings)
      : encoding_(settings.option("encoding", "auto")),
        common_(settings.characters("common")),
        least_share_(settings.number("least_share", 0, 1)),
        most_controls_(settings.number("most_controls", 0, 1)),
        utf8_damage_(settings.number("utf8_damage", 0, 1)),
        sample_(static_cast<std::size_t>(settings.number("sample", 16, 1 << 30))),
        most_places_(static_cast<std::size_t>(settings.number("most_places", 0, 1000))),
        telltale_(settings.characters("mojibake.utf8_as_gbk")),
        mojibake_sample_(static_cast<std::size_t>(settings.number("mojibake.sample", 16, 1 << 30))),
        mojibake_share_(settings.number("mojibake.share", 0, 1)),
        mojibake_least_(settings.number("mojibake.least", 0, 1e6)),
        lost_(settings.strings("mojibake.lost")) {
    if (encoding_ != "auto" && !open_converter(encoding_.c_str())) {
      settings.error("stage decode",
                     fmt::format("there is no encoding '{}'; use auto, UTF-8, UTF-16, UTF-32, GB18030, "
                                 "GBK, GB2312, Big5, Big5-HKSCS, windows-1252 or another name that ICU knows",
                                 encoding_));
    }
  }

  const StageInfo& info() const noexcept override { return decode_info; }

  bool passes(std::string_view part, std::size_t begin) const override {
    if (encoding_ != "auto" || (begin == 0 && mark_size(part) > 0)) return false;
    if (part.find('\0') != std::string_view::npos || utf8_first_error(part) != part.size() || lost_.any_in(part))
      return false;
    if (begin >= mojibake_sample_) return true;
    // Shares that all parts stay below are not reached by the whole.
    const Signs signs = signs_of(part, mojibake_sample_ - begin);
    return signs.characters == 0 || (signs.replaced == 0 && !signs.most(signs.latin, latin_share) &&
                                     !signs.most(signs.telltale, mojibake_share_));
  }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view bytes = document.text();
    if (passes(bytes, 0)) return;
    const Finding found = encoding_ == "auto" ? find_encoding(bytes) : Finding{encoding_, mark_size(bytes)};
    if (found.encoding.empty()) {
      proposal.refuse(
          "this looks like binary data, not text; name its encoding if it is text "
          "(--encoding)",
          found.mark);
      return;
    }
    if (encoding_ != "auto") doubt(bytes, proposal);
    if (found.mark > 0) proposal.erase({0, found.mark}, byte_order_mark);
    if (found.encoding == "UTF-8" || found.encoding == "UTF8" || found.encoding == "utf-8") {
      if (utf8_first_error(bytes) == bytes.size())
        look_for_mojibake(bytes, proposal);
      else
        decode_utf8(bytes, found.mark, proposal);
      return;
    }
    proposal.set_encoding(found.encoding);
    decode_with(found.encoding, bytes, found.mark, transcode, proposal);
  }

 private:
  struct Finding {
    std::string encoding;  ///< empty: not text
    ByteOffset mark = 0;   ///< bytes of the byte order mark
  };

  static ByteOffset mark_size(std::string_view bytes) {
    using namespace std::string_view_literals;
    for (const std::string_view mark :
         {"\xEF\xBB\xBF"sv, "\xFF\xFE\0\0"sv, "\0\0\xFE\xFF"sv, "\xFF\xFE"sv, "\xFE\xFF"sv, "\x84\x31\x95\x33"sv})
      if (bytes.starts_with(mark)) return static_cast<ByteOffset>(mark.size());
    return 0;
  }

  Finding find_encoding(std::string_view bytes) const {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xEF\xBB\xBF"sv)) return {"UTF-8", 3};
    if (bytes.starts_with("\xFF\xFE\0\0"sv)) return {"UTF-32LE", 4};
    if (bytes.starts_with("\0\0\xFE\xFF"sv)) return {"UTF-32BE", 4};
    if (bytes.starts_with("\xFF\xFE"sv)) return {"UTF-16LE", 2};
    if (bytes.starts_with("\xFE\xFF"sv)) return {"UTF-16BE", 2};
    if (bytes.starts_with("\x84\x31\x95\x33"sv)) return {"GB18030", 4};

    const bool has_nul = std::memchr(bytes.data(), 0, std::min(bytes.size(), sample_)) != nullptr;
    const std::size_t error = utf8_first_error(bytes);
    if (error == bytes.size() && !has_nul) return {"UTF-8", 0};
    const std::string_view sample = bytes.substr(0, sample_);
    if (const std::string wide = find_wide(sample); !wide.empty()) return {wide, 0};
    if (const auto binary = binary_at(sample); binary != bytes.npos) return {"", static_cast<ByteOffset>(binary)};
    if (error == bytes.size()) return {"UTF-8", 0};
    if (is_damaged_utf8(bytes)) return {"UTF-8", 0};
    return {find_legacy(sample), 0};
  }

  /// Tells where the encoding that was given makes much worse text than the one that is found by content.
  void doubt(std::string_view bytes, Proposal& proposal) const {
    const std::string other = find_encoding(bytes).encoding;
    if (other.empty()) return;
    const std::string_view sample = bytes.substr(0, sample_);
    const double likely = quality(other.c_str(), sample);
    if (likely < least_share_ || 2 * quality(encoding_.c_str(), sample) > likely) return;
    proposal.note({}, Severity::warning, doubtful,
                  fmt::format("as {} this is hardly text, but as {} it is; leave out --encoding, or name another",
                              encoding_, other));
  }

  /// UTF-16 or UTF-32 without a mark: zero bytes, or high bytes of ideographs, at every nth place.
  std::string find_wide(std::string_view sample) const {
    const std::size_t size = sample.size() / 4 * 4;
    if (size < 4) return {};
    std::array<std::size_t, 4> zeros{}, high{};
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(sample[i]);
      zeros[i % 4] += byte == 0;
      // Rows of Latin-1, CJK punctuation, ideographs and full-width forms.
      high[i % 4] += byte == 0 || byte == 0x30 || byte == 0x20 || (byte >= 0x4E && byte <= 0x9F) || byte == 0xFF;
    }
    const std::size_t quarter = size / 4;
    // Numbers of four bytes look like UTF-32 too: those of control characters are none.
    const auto is_text = [&](std::size_t low) {
      std::size_t controls = 0;
      for (std::size_t i = 0; i < quarter; ++i) {
        const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(sample[4 * i + k]); };
        const bool small = (byte(0) | byte(1) | byte(2) | byte(3)) == byte(low);
        controls += small && byte(low) < 0x20 && !(byte(low) >= 0x08 && byte(low) <= 0x0D);
      }
      return controls * 10 <= quarter;
    };
    if (zeros[3] == quarter && zeros[2] * 10 >= quarter * 9 && is_text(0)) return "UTF-32LE";
    if (zeros[0] == quarter && zeros[1] * 10 >= quarter * 9 && is_text(3)) return "UTF-32BE";
    const std::size_t nuls = zeros[0] + zeros[1] + zeros[2] + zeros[3];
    if (nuls == 0) return {};
    for (const bool little : {true, false}) {
      const std::size_t rows = little ? high[1] + high[3] : high[0] + high[2];
      const std::size_t other_zeros = little ? zeros[0] + zeros[2] : zeros[1] + zeros[3];
      if (rows * 20 < quarter * 2 * 19 || other_zeros * 10 > quarter * 2) continue;
      // Sure only if it decodes, to text.
      const char* const name = little ? "UTF-16LE" : "UTF-16BE";
      if (quality(name, sample) > 0 || is_wide_ascii(sample.substr(0, size), little)) return name;
    }
    return {};
  }

  /// Mostly ASCII characters of two bytes, none of them a control character: Latin text in UTF-16.
  static bool is_wide_ascii(std::string_view sample, bool little) {
    std::size_t ascii = 0;
    for (std::size_t at = 0; at < sample.size(); at += 2) {
      const auto row = static_cast<unsigned char>(sample[at + (little ? 1 : 0)]);
      const auto cell = static_cast<unsigned char>(sample[at + (little ? 0 : 1)]);
      if (row != 0) continue;
      if (cell == 0x7F || (cell < 0x20 && (cell < 0x09 || cell > 0x0D))) return false;
      ascii += cell < 0x80;
    }
    return ascii * 10 >= sample.size() / 2 * 8;
  }

  /// Where control characters that text does not hold become too many, or npos.
  std::size_t binary_at(std::string_view sample) const {
    std::size_t controls = 0, first = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const auto byte = static_cast<unsigned char>(sample[i]);
      const bool control = byte < 0x20 && !(byte >= 0x08 && byte <= 0x0D) && byte != 0x1A && byte != 0x1B;
      if (control && controls++ == 0) first = i;
    }
    return controls > 1 && static_cast<double>(controls) > most_controls_ * static_cast<double>(sample.size())
               ? first
               : std::string_view::npos;
  }

  bool is_damaged_utf8(std::string_view bytes) const {
    std::size_t good = 0, bad = 0;
    for (std::size_t at = 0; at < bytes.size(); ++bad) {
      const std::size_t error = utf8_next_error(bytes, at);
      for (const char c : bytes.substr(at, error - at)) good += static_cast<unsigned char>(c) >= 0xC0;
      if (error == bytes.size()) break;
      at = error + utf8_next(bytes, error).length;
    }
    return static_cast<double>(bad) <= utf8_damage_ * static_cast<double>(good);
  }

  /// How much like newspaper text the bytes are in that encoding; below 0: not at all.
  double quality(const char* encoding, std::string_view sample) const {
    const Converter converter = open_converter(encoding);
    if (!converter) return -1;
    std::size_t characters = 0, common = 0, han = 0, wrong = 0, odd = 0;
    for_each_character(converter.get(), sample, [&](ByteOffset, ByteOffset end, Codepoint c, bool valid) {
      if (end == sample.size() && !valid) return;  // cut by the sample's end
      if (c < 0x80) return;
      ++characters;
      wrong += !valid;
      odd += (c >= 0xE000 && c < 0xF900) || (c >= 0x80 && c < 0xA0) || (c >= 0xFF61 && c <= 0xFF9F);
      const CharClass kind = class_of(c);
      han += kind == CharClass::han;
      common += contains(common_, c) || c == U'，' || c == U'。' || c == U'、';
    });
    if (characters == 0) return 0;
    const auto of_all = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(characters); };
    return of_all(common) - 5 * of_all(wrong) - 2 * of_all(odd);
  }

  std::string find_legacy(std::string_view sample) const {
    const double gb = quality("GB18030", sample);
    const double big5 = quality("Big5-HKSCS", sample);
    if (std::max(gb, big5) >= least_share_) return gb >= big5 ? "GB18030" : "Big5-HKSCS";
    // Lone high bytes among Latin letters: a Western page.
    std::size_t high = 0, lone = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const auto is_high = [&](std::size_t k) {
        return k < sample.size() && static_cast<unsigned char>(sample[k]) >= 0x80;
      };
      if (!is_high(i)) continue;
      ++high;
      lone += !is_high(i + 1) && (i == 0 || !is_high(i - 1));
    }
    if (lone * 10 >= high * 8 && high * 5 < sample.size()) return "windows-1252";
    // Short or strange: the one with fewer errors; GB18030 where they tie, it has more characters.
    if (std::max(gb, big5) > -1) return gb >= big5 ? "GB18030" : "Big5-HKSCS";
    return "UTF-8";
  }

  /// Counts invalid places and names the first of them.
  class InvalidPlaces {
   public:
    InvalidPlaces(const DecodeStage& stage, Proposal& proposal, std::string_view bytes, std::string_view encoding)
        : stage_(stage), proposal_(proposal), bytes_(bytes), encoding_(encoding) {}
    void add(TextRange range) {
      proposal_.replace(range, "\uFFFD", invalid);
      if (count_++ < stage_.most_places_) {
        std::string hex;
        for (ByteOffset i = range.begin; i < std::min(range.end, range.begin + 4); ++i)
          hex += fmt::format(" {:02X}", static_cast<unsigned char>(bytes_[i]));
        proposal_.note(
            range, Severity::warning, invalid,
            fmt::format("the bytes{} at {} are not {}; U+FFFD stands for them", hex, range.begin, encoding_));
      }
      last_ = range;
    }
    void finish() {
      if (count_ > stage_.most_places_)
        proposal_.note(last_, Severity::warning, invalid,
                       fmt::format("{} places in all hold bytes that are not {}; if there are many, the "
                                   "encoding may be another (--encoding)",
                                   count_, encoding_));
    }

   private:
    const DecodeStage& stage_;
    Proposal& proposal_;
    std::string_view bytes_, encoding_;
    std::size_t count_ = 0;
    TextRange last_{};
  };

  void decode_utf8(std::string_view bytes, ByteOffset from, Proposal& proposal) const {
    InvalidPlaces places(*this, proposal, bytes, "UTF-8");
    for (std::size_t at = from; (at = utf8_next_error(bytes, at)) < bytes.size();) {
      const std::size_t end = at + utf8_next(bytes, at).length;
      places.add({static_cast<ByteOffset>(at), static_cast<ByteOffset>(end)});
      at = end;
    }
    places.finish();
  }

  /// Proposes what `bytes` from `from` on mean in the converter's encoding, in runs of characters of
  /// the same sizes.
  void decode_with(const std::string& encoding, std::string_view bytes, ByteOffset from, RuleIndex rule,
                   Proposal& proposal) const {
    const Converter opened = open_converter(encoding.c_str());
    UConverter* const converter = opened.get();
    InvalidPlaces places(*this, proposal, bytes, encoding);
    std::string run, one;
    TextRange range{from, from};
    std::uint8_t from_unit = 0, to_unit = 0;
    const auto flush = [&] {
      if (!run.empty()) {
        if (from_unit == 1 && to_unit == 1 && run == range.of(bytes))
          ;  // ASCII stays as it is
        else
          proposal.transcode(range, run, from_unit, to_unit, rule);
      }
      run.clear();
    };
    for_each_character(converter, bytes.substr(from), [&](ByteOffset begin, ByteOffset end, Codepoint c, bool valid) {
      const TextRange here{from + begin, from + end};
      if (!valid) {
        flush();
        range = {here.end, here.end};
        places.add(here);
        return;
      }
      one.clear();
      append_utf8(one, c);
      if (here.empty()) {  // a second character of the same bytes, as a few codes of Big5-HKSCS have
        flush();
        proposal.insert(here.begin, one, rule);
        range = {here.end, here.end};
        return;
      }
      if (here.size() != from_unit || one.size() != to_unit || range.end != here.begin) {
        flush();
        range = {here.begin, here.begin};
        from_unit = static_cast<std::uint8_t>(here.size());
        to_unit = static_cast<std::uint8_t>(one.size());
      }
      run += one;
      range.end = here.end;
    });
    flush();
    places.finish();
  }

  // ---- mojibake ------------------------------------------------------------------------------

  static constexpr double latin_share = 0.9;

  /// What the beginning of a text shows: characters beyond ASCII, and those of them that wrong decodings leave.
  struct Signs {
    std::size_t characters = 0, latin = 0, telltale = 0, replaced = 0;
    [[nodiscard]] bool most(std::size_t n, double share) const {
      return static_cast<double>(n) >= share * static_cast<double>(characters);
    }
  };
  Signs signs_of(std::string_view text, std::size_t most_bytes) const {
    const std::string_view sample = text.substr(0, most_bytes);
    Signs signs;
    for (std::size_t at = 0; at < sample.size();) {
      const auto byte = static_cast<unsigned char>(sample[at]);
      if (byte < 0x80) {
        ++at;
        continue;
      }
      if (at + 4 > sample.size() && sample.size() < text.size()) break;
      const auto [c, length] = valid_utf8_next(sample, at);
      at += length;
      ++signs.characters;
      if (c >= 0x4E00) {  // nearly all
        signs.telltale += contains(telltale_, c);
        signs.replaced += c == 0xFFFD;
        continue;
      }
      signs.latin += c < 0x180 || c == 0x192 || c == 0x2C6 || c == 0x2DC || (c >= 0x2013 && c <= 0x203A) ||
                     c == 0x20AC || c == 0x2122;
    }
    return signs;
  }

  void look_for_mojibake(std::string_view text, Proposal& proposal) const {
    const Signs signs = signs_of(text, mojibake_sample_);
    if (signs.characters == 0) return;
    for (const std::string& loss : lost_.texts())
      if (const std::size_t at = find(text, loss); at != std::string_view::npos)
        proposal.note({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + loss.size())}, Severity::warning, lost,
                      fmt::format("'{}' stands where bytes were lost in an earlier conversion; get the "
                                  "original again",
                                  loss));
    if (signs.replaced > 0)
      proposal.note({}, Severity::warning, lost,
                    "U+FFFD stands where bytes were lost in an earlier conversion; get the original again");
    const auto most = [&](std::size_t n, double share) {
      return signs.most(n, share) && static_cast<double>(n) >= mojibake_least_;
    };
    if (most(signs.latin, latin_share)) {
      repair(text, "windows-1252", {"UTF-8", "GB18030", "Big5-HKSCS"}, proposal);
    } else if (most(signs.telltale, mojibake_share_)) {
      repair(text, "GB18030", {"UTF-8", "Big5-HKSCS"}, proposal);
    }
  }

  /// Undoes a decoding by `wrong` of bytes that were written in one of `right`.
  void repair(std::string_view text, const char* wrong, std::initializer_list<const char*> right,
              Proposal& proposal) const {
    // The bytes before the wrong decoding, each with the text it became.
    const Converter encoder = open_converter(wrong);
    std::string bytes;
    std::vector<TextRange> origin;
    for (std::size_t at = 0; at < text.size();) {
      const auto [c, length] = valid_utf8_next(text, at);
      char buffer[8];
      std::int32_t written = 0;
      if (c < 0x100 && (std::string_view(wrong) == "windows-1252")) {
        buffer[0] = static_cast<char>(c);  // Latin-1, C1 controls included
        written = 1;
      } else {
        UChar utf16[2];
        const std::int32_t units = c < 0x10000 ? 1 : 2;
        utf16[0] = static_cast<UChar>(units == 1 ? c : 0xD7C0 + (c >> 10));
        utf16[1] = static_cast<UChar>(0xDC00 | (c & 0x3FF));
        UErrorCode status = U_ZERO_ERROR;
        written = ucnv_fromUChars(encoder.get(), buffer, sizeof buffer, utf16, units, &status);
        if (U_FAILURE(status)) return report(proposal);
      }
      bytes.append(buffer, static_cast<std::size_t>(written));
      origin.insert(origin.end(), static_cast<std::size_t>(written),
                    {static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + length)});
      at += length;
    }
    for (const char* encoding : right) {
      const bool utf8 = std::string_view(encoding) == "UTF-8";
      if (utf8 ? utf8_first_error(bytes) != bytes.size() : quality(encoding, bytes) < 2 * least_share_) continue;
      // A wrong guess would not give common characters.
      if (quality(encoding, bytes) < least_share_) continue;
      std::string one;
      ByteOffset last_end = 0;
      for_each_character(open_converter(encoding).get(), bytes,
                         [&](ByteOffset begin, ByteOffset end, Codepoint c, bool) {
                           one.clear();
                           append_utf8(one, c);
                           TextRange range{std::max(last_end, origin[begin].begin), origin[end - 1].end};
                           last_end = range.end;
                           if (range.of(text) != one) proposal.replace(range, one, mojibake, 95);
                         });
      proposal.note({}, Severity::warning, mojibake,
                    fmt::format("the text is {} that was read as {}; it was read anew", encoding, wrong));
      return;
    }
    report(proposal);
  }

  static void report(Proposal& proposal) {
    proposal.note({}, Severity::warning, lost,
                  "the text looks as if it had been decoded wrongly before it was stored, but there is no "
                  "exact way back; get the original again");
  }

  std::string encoding_;
  CharacterSet common_;
  double least_share_, most_controls_, utf8_damage_;
  std::size_t sample_, most_places_;
  CharacterSet telltale_;
  std::size_t mojibake_sample_;
  double mojibake_share_, mojibake_least_;
  Phrases lost_;
};

}  // namespace

const StageInfo decode_info{"decode", "finds the source's encoding and makes it UTF-8", rule_list, option_list, 1,
                            true};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_decode(const StageOptions& options, const Rules& rules) {
  Settings settings("decode", options, rules, "decode.toml");
  auto stage = std::make_unique<DecodeStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
