#include "inkwash/log.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <memory>
#include <optional>

#include "inkwash/stage.h"
#include "inkwash/unicode.h"
#include "segments.h"

namespace inkwash {
namespace {

constexpr std::size_t block_bytes = 1024;

std::uint32_t hash_of_block(std::string_view block) {
  return static_cast<std::uint32_t>(XXH3_64bits(block.data(), block.size()));
}

/// Text in the source's encoding; made once for a document.
class Encoder {
 public:
  explicit Encoder(std::string_view encoding) {
    UErrorCode status = U_ZERO_ERROR;
    converter_.reset(ucnv_open(std::string(encoding).c_str(), &status));
    ucnv_setFromUCallBack(converter_.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status)) converter_.reset();
  }

  /// nullopt: it can't be written in that encoding.
  std::optional<std::string> encode(std::string_view text) {
    if (!converter_) return std::nullopt;
    units_.clear();
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      if (codepoint >= 0x10000) units_ += static_cast<char16_t>(0xD7C0 + (codepoint >> 10));
      units_ += static_cast<char16_t>(codepoint >= 0x10000 ? 0xDC00 | (codepoint & 0x3FF) : codepoint);
    }
    std::string bytes(units_.size() * 4 + 16, '\0');
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t size = ucnv_fromUChars(converter_.get(), bytes.data(), static_cast<std::int32_t>(bytes.size()),
                                              units_.data(), static_cast<std::int32_t>(units_.size()), &status);
    if (U_FAILURE(status)) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }

 private:
  struct Closer {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  std::unique_ptr<UConverter, Closer> converter_;
  std::u16string units_;
};

void append_string(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    switch (c) {
      case '"': to += "\\\""; break;
      case '\\': to += "\\\\"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          fmt::format_to(std::back_inserter(to), "\\u{:04x}", static_cast<unsigned>(c));
        else
          to += c;
    }
  }
  to += '"';
}

void append_number(std::string& to, std::int64_t number) {
  char digits[24];
  to.append(digits, std::to_chars(digits, std::end(digits), number).ptr);
}

/// A string, or where the bytes are not UTF-8 {"hex": ...}.
void append_bytes(std::string& to, std::string_view bytes) {
  if (utf8_first_error(bytes) == bytes.size()) return append_string(to, bytes);
  to += R"({"hex":")";
  for (const char c : bytes) fmt::format_to(std::back_inserter(to), "{:02x}", static_cast<unsigned char>(c));
  to += "\"}";
}

/// The edits of a step, each [rule, skip, before, after, source skip, source bytes, confidence]; what is as
/// expected is left out from behind, and a number says that the edit before it is repeated so often.
class EditWriter {
 public:
  EditWriter(std::string& to, Encoder& encoder) : to_(to), encoder_(encoder) {}

  void add(const AppliedStep& step, const AppliedEdit& edit, std::size_t rule) {
    const std::string_view before = step.before(edit), after = step.after(edit);
    const std::int64_t skip = std::int64_t{edit.range.begin} - at_;
    const std::int64_t source_skip = std::int64_t{edit.source.begin} - source_at_;
    at_ = edit.range.end;
    source_at_ = edit.source.end;
    next_.clear();
    next_ += '[';
    append_number(next_, static_cast<std::int64_t>(rule));
    next_ += ',';
    append_number(next_, skip);
    next_ += ',';
    const bool encoded = edit.transcoded && encoder_.encode(after) == before;
    const bool with_confidence = edit.confidence != 100;
    const bool with_source_bytes = with_confidence || edit.source.size() != edit.range.size();
    const bool with_source_skip = with_source_bytes || source_skip != skip;
    if (encoded) {
      append_number(next_, edit.range.size());
      next_ += ',';
      append_number(next_, edit.after_size);
    } else {
      append_bytes(next_, before);
      if (with_source_skip || !after.empty()) {
        next_ += ',';
        append_string(next_, after);
      }
    }
    if (with_source_skip) {
      next_ += ',';
      append_number(next_, source_skip);
    }
    if (with_source_bytes) {
      next_ += ',';
      append_number(next_, edit.source.size());
    }
    if (with_confidence) {
      next_ += ',';
      append_number(next_, edit.confidence);
    }
    next_ += ']';
    if (next_ == last_) {
      ++repeats_;
      return;
    }
    flush();
    if (!last_.empty()) to_ += ',';
    to_ += next_;
    std::swap(last_, next_);
  }

  void flush() {
    if (repeats_ == 0) return;
    to_ += ',';
    append_number(to_, repeats_);
    repeats_ = 0;
  }

 private:
  std::string& to_;
  Encoder& encoder_;
  std::int64_t at_ = 0, source_at_ = 0, repeats_ = 0;
  std::string next_, last_;
};

void append_step(std::string& to, const AppliedStep& step, Encoder& encoder) {
  to += R"({"stage":)";
  append_string(to, step.stage->name);
  fmt::format_to(std::back_inserter(to), R"(,"bytes":[{},{}])", step.size_before, step.size_after);
  // The rules that were used, in the order of their first use.
  std::vector<std::size_t> used;
  std::vector<std::size_t> index(step.stage->rules.size(), 0);
  for (const AppliedEdit& edit : step.edits)
    if (index[edit.rule] == 0) {
      used.push_back(edit.rule);
      index[edit.rule] = used.size();
    }
  if (!step.edits.empty()) {
    to += R"(,"rules":[)";
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (i > 0) to += ',';
      append_string(to, step.stage->rules[used[i]].id);
    }
    to += R"(],"edits":[)";
    EditWriter edits(to, encoder);
    for (const AppliedEdit& edit : step.edits) edits.add(step, edit, index[edit.rule] - 1);
    edits.flush();
    to += ']';
  }
  if (!step.order.empty()) {
    to += R"(,"order_rule":)";
    append_string(to, step.stage->rules[step.order_rule].id);
    fmt::format_to(std::back_inserter(to), R"(,"order_confidence":{},"order":[)", step.order_confidence);
    for (std::size_t i = 0; i < step.order.size(); ++i) {
      const auto& [range, source] = step.order[i];
      fmt::format_to(std::back_inserter(to), "{}[{},{},{},{}]", i > 0 ? "," : "", range.begin, range.size(),
                     source.begin, source.size());
    }
    to += ']';
  }
  to += "}\n";
}

/// A letter for each kind, in the order of BlockKind.
constexpr std::string_view letters_of_kinds = "-khsydbcnf";

void append_kinds(std::string& to, const Document& document) {
  if (document.lines().empty()) return;
  to += R"({"kinds":")";
  for (const Line& line : document.lines()) to += letters_of_kinds[static_cast<std::size_t>(line.kind)];
  to += "\"}\n";
}

}  // namespace

std::string write_log(const Document& document, const LogInfo& info) {
  const std::string_view text = document.text(), source = document.source();
  std::string log = fmt::format(R"({{"inkwash_edits":{},"program":)", log_version);
  append_string(log, info.program);
  log += R"(,"name":)";
  append_string(log, info.name);
  log += R"(,"encoding":)";
  append_string(log, document.encoding());
  fmt::format_to(std::back_inserter(log),
                 R"(,"quality":{:.3f},"newline_added":{},"source":{{"bytes":{},"xxh3":"{:016x}"}})", info.quality,
                 info.newline_added, source.size(), XXH3_64bits(source.data(), source.size()));
  fmt::format_to(std::back_inserter(log), R"(,"text":{{"bytes":{},"xxh3":"{:016x}","blocks":")", text.size(),
                 XXH3_64bits(text.data(), text.size()));
  for (std::size_t at = 0; at < text.size(); at += block_bytes)
    fmt::format_to(std::back_inserter(log), "{:08x}", hash_of_block(text.substr(at, block_bytes)));
  log += "\"}}\n";
  Encoder encoder(document.encoding());
  for (const AppliedStep& step : document.steps()) append_step(log, step, encoder);
  for (const Diagnostic& diagnostic : document.diagnostics()) {
    fmt::format_to(std::back_inserter(log),
                   R"({{"diagnostic":"{}","stage":"{}","rule":"{}","source":[{},{}],"message":)",
                   diagnostic.severity == Severity::note ? "note" : "warning", diagnostic.stage, diagnostic.rule,
                   diagnostic.where.begin, diagnostic.where.end);
    append_string(log, diagnostic.message);
    log += "}\n";
  }
  append_kinds(log, document);
  return log;
}

// ---- reading ---------------------------------------------------------------------------------

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Thrown and caught within this file only: a log is a tree of small values, any of which may be wrong.
struct Wrong {
  std::string what;
};

template <typename T>
T get(element value, std::string_view what) {
  T result;
  if (value.get(result) != simdjson::SUCCESS) throw Wrong{std::string(what)};
  return result;
}

element member(object record, std::string_view key) {
  element value;
  if (record[key].get(value) != simdjson::SUCCESS) throw Wrong{fmt::format("it lacks \"{}\"", key)};
  return value;
}

ByteOffset offset_of(std::uint64_t value) {
  if (value > max_document_bytes) throw Wrong{"a place is beyond the largest document"};
  return static_cast<ByteOffset>(value);
}

ByteOffset offset_of(element value) { return offset_of(get<std::uint64_t>(value, "a place is no number")); }

std::string text_of(element value) { return std::string(get<std::string_view>(value, "a text is no string")); }

std::uint64_t hash_of(element value) {
  const auto digits = get<std::string_view>(value, "a hash is no string");
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) throw Wrong{"a hash is no hexadecimal number"};
  return hash;
}

std::string bytes_of(element value) {
  if (!value.is_object()) return text_of(value);
  const auto digits =
      get<std::string_view>(member(get<object>(value, "a text is no string"), "hex"), "hex is no string");
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    if (error != std::errc() || end != digits.data() + i + 2) throw Wrong{"hex is no hexadecimal number"};
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// Reads the list of edits; see EditWriter.
void read_edits(array list, LoggedStep& step) {
  std::int64_t at = 0, source_at = 0;
  for (const element entry : list) {
    std::uint64_t repeats = 1;
    std::int64_t skip = 0, source_skip = 0;
    LoggedEdit edit{};
    if (entry.is_array()) {
      std::vector<element> fields;
      for (const element field : get<array>(entry, "an edit is no list")) fields.push_back(field);
      if (fields.size() < 3 || fields.size() > 7) throw Wrong{"an edit has too few or too many fields"};
      edit.rule = offset_of(fields[0]);
      if (edit.rule >= step.rules.size()) throw Wrong{"an edit's rule is not in the list"};
      skip = get<std::int64_t>(fields[1], "a place is no number");
      edit.encoded = fields[2].is_uint64();
      ByteOffset before_size = 0;
      if (edit.encoded) {
        if (fields.size() < 4) throw Wrong{"an edit lacks a size"};
        before_size = offset_of(fields[2]);
        edit.after_size = offset_of(fields[3]);
      } else {
        const std::string before = bytes_of(fields[2]);
        const std::string after = fields.size() > 3 ? text_of(fields[3]) : std::string();
        before_size = offset_of(before.size());
        edit.after_size = offset_of(after.size());
        edit.before = offset_of(step.texts.size());
        edit.after = offset_of(step.texts.size() + before.size());
        step.texts += before;
        step.texts += after;
      }
      source_skip = fields.size() > 4 ? get<std::int64_t>(fields[4], "a place is no number") : skip;
      edit.source = {0, fields.size() > 5 ? offset_of(fields[5]) : before_size};
      edit.range = {0, before_size};
      edit.confidence = fields.size() > 6 ? static_cast<std::uint8_t>(offset_of(fields[6])) : std::uint8_t{100};
    } else {
      repeats = get<std::uint64_t>(entry, "an edit is neither a list nor a number");
      const std::uint64_t most = std::uint64_t{step.size_before} + step.size_after;
      if (step.edits.empty() || step.edits.size() + repeats > most) throw Wrong{"nothing can be repeated so often"};
      edit = step.edits.back();
      const LoggedEdit* const before = step.edits.size() > 1 ? &step.edits[step.edits.size() - 2] : nullptr;
      skip = std::int64_t{edit.range.begin} - (before != nullptr ? before->range.end : 0);
      source_skip = std::int64_t{edit.source.begin} - (before != nullptr ? before->source.end : 0);
    }
    const ByteOffset size = edit.range.size(), source_size = edit.source.size();
    for (; repeats > 0; --repeats) {
      const std::int64_t begin = at + skip, source_begin = source_at + source_skip;
      if (skip < 0 || source_begin < 0 || begin + size > step.size_before) throw Wrong{"edits leave the text"};
      edit.range = {offset_of(static_cast<std::uint64_t>(begin)), offset_of(static_cast<std::uint64_t>(begin + size))};
      edit.source = {offset_of(static_cast<std::uint64_t>(source_begin)),
                     offset_of(static_cast<std::uint64_t>(source_begin + source_size))};
      at = edit.range.end;
      source_at = edit.source.end;
      step.edits.push_back(edit);
    }
  }
}

void read_order(array list, LoggedStep& step) {
  for (const element entry : list) {
    std::array<ByteOffset, 4> numbers{};
    std::size_t count = 0;
    for (const element number : get<array>(entry, "a part of the order is no list"))
      numbers[count++ % numbers.size()] = offset_of(number);
    if (count != numbers.size()) throw Wrong{"a part of the order is no list of four numbers"};
    step.order.push_back({{numbers[0], offset_of(std::uint64_t{numbers[0]} + numbers[1])},
                          {numbers[2], offset_of(std::uint64_t{numbers[2]} + numbers[3])}});
  }
  std::vector<TextRange> parts;
  for (const AppliedMove& move : step.order) parts.push_back(move.range);
  std::sort(parts.begin(), parts.end(), [](TextRange a, TextRange b) { return a.begin < b.begin; });
  ByteOffset at = 0;
  std::size_t edit = 0;
  for (const TextRange part : parts) {
    if (part.begin != at || part.empty()) throw Wrong{"the order does not hold every part once"};
    at = part.end;
    for (; edit < step.edits.size() && step.edits[edit].range.begin < at; ++edit)
      if (step.edits[edit].range.end > at) throw Wrong{"an edit lies across the border of two parts"};
  }
  if (at != step.size_before) throw Wrong{"the order does not hold every part once"};
}

LoggedStep read_step(object record) {
  LoggedStep step;
  step.stage = text_of(member(record, "stage"));
  std::array<ByteOffset, 2> sizes{};
  std::size_t count = 0;
  for (const element size : get<array>(member(record, "bytes"), "bytes is no list"))
    sizes[count++ % sizes.size()] = offset_of(size);
  if (count != sizes.size()) throw Wrong{"bytes is no list of two numbers"};
  step.size_before = sizes[0];
  step.size_after = sizes[1];
  if (element edits; record["edits"].get(edits) == simdjson::SUCCESS) {
    for (const element rule : get<array>(member(record, "rules"), "rules is no list"))
      step.rules.push_back(text_of(rule));
    read_edits(get<array>(edits, "edits is no list"), step);
  }
  if (element order; record["order"].get(order) == simdjson::SUCCESS) {
    step.order_rule = text_of(member(record, "order_rule"));
    step.order_confidence = static_cast<std::uint8_t>(offset_of(member(record, "order_confidence")));
    read_order(get<array>(order, "order is no list"), step);
  }
  return step;
}

LoggedDiagnostic read_diagnostic(object record) {
  LoggedDiagnostic diagnostic;
  diagnostic.severity = text_of(member(record, "diagnostic")) == "warning" ? Severity::warning : Severity::note;
  diagnostic.stage = text_of(member(record, "stage"));
  diagnostic.rule = text_of(member(record, "rule"));
  diagnostic.message = text_of(member(record, "message"));
  const array source = get<array>(member(record, "source"), "source is no list");
  std::array<ByteOffset, 2> places{};
  std::size_t count = 0;
  for (const element place : source) places[count++ % places.size()] = offset_of(place);
  if (count != places.size()) throw Wrong{"source is no list of two numbers"};
  diagnostic.source = {places[0], places[1]};
  return diagnostic;
}

void read_header(object record, Log& log) {
  element version;
  if (record["inkwash_edits"].get(version) != simdjson::SUCCESS)
    throw Wrong{"this is no edit log of inkwash, whose first line says so"};
  if (get<std::int64_t>(version, "its version is no number") != log_version)
    throw Wrong{fmt::format("this is an edit log of version {}; this program reads version {}",
                            get<std::int64_t>(version, {}), log_version)};
  log.program = text_of(member(record, "program"));
  log.name = text_of(member(record, "name"));
  log.encoding = text_of(member(record, "encoding"));
  log.quality = get<double>(member(record, "quality"), "quality is no number");
  log.newline_added = get<bool>(member(record, "newline_added"), "newline_added is neither true nor false");
  const auto source = get<object>(member(record, "source"), "source is no record");
  log.source_bytes = offset_of(member(source, "bytes"));
  log.source_hash = hash_of(member(source, "xxh3"));
  const auto text = get<object>(member(record, "text"), "text is no record");
  log.text_bytes = offset_of(member(text, "bytes"));
  log.text_hash = hash_of(member(text, "xxh3"));
  const auto blocks = get<std::string_view>(member(text, "blocks"), "blocks is no string");
  if (blocks.size() != (log.text_bytes + block_bytes - 1) / block_bytes * 8) throw Wrong{"blocks has a wrong length"};
  for (std::size_t i = 0; i < blocks.size(); i += 8) {
    std::uint32_t hash = 0;
    std::from_chars(blocks.data() + i, blocks.data() + i + 8, hash, 16);
    log.blocks.push_back(hash);
  }
}

}  // namespace

expected<Log, Error> Log::parse(std::string_view text) {
  Log log;
  simdjson::dom::parser parser;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    try {
      const simdjson::padded_string line(text.substr(at, end - at));
      object record;
      if (parser.parse(line).get(record) != simdjson::SUCCESS)
        throw Wrong{"a line of it is no JSON record; it may be cut off"};
      if (first)
        read_header(record, log);
      else if (record["diagnostic"].error() == simdjson::SUCCESS)
        log.diagnostics.push_back(read_diagnostic(record));
      else if (element kinds; record["kinds"].get(kinds) == simdjson::SUCCESS)
        log.kinds = text_of(kinds);
      else
        log.steps.push_back(read_step(record));
    } catch (const Wrong& wrong) {
      return unexpected(Error{wrong.what, at});
    }
    first = false;
    at = end + 1;
  }
  if (first) return unexpected(Error{"the log is empty", 0});
  return log;
}

namespace {

/// The text before a step from the text after it. Error: the place in that where they don't fit.
expected<std::string, ByteOffset> undo(const LoggedStep& step, std::string_view after, Encoder& encoder) {
  // What stays and what comes back must make up the text: a log that says otherwise gets no memory.
  std::uint64_t most = after.size();
  for (const LoggedEdit& edit : step.edits)
    most += edit.encoded ? std::min<std::uint64_t>(edit.range.size(), 8ull * edit.after_size) : edit.range.size();
  if (step.size_after != after.size() || step.size_before > most) return unexpected(ByteOffset{0});
  std::string before(step.size_before, '\0');
  std::vector<TextRange> order;
  for (const AppliedMove& move : step.order) order.push_back(move.range);
  std::size_t at = 0;
  std::optional<std::size_t> bad;
  const auto keep = [&](ByteOffset from, ByteOffset to) {
    if (bad) return;
    if (from > to || after.size() - at < to - from) {
      bad = after.size();
      return;
    }
    std::copy_n(after.data() + at, to - from, before.data() + from);
    at += to - from;
  };
  const auto put = [&](const LoggedEdit& edit) {
    if (bad) return;
    if (after.size() - at < edit.after_size) {
      bad = after.size();
      return;
    }
    const std::string_view here = after.substr(at, edit.after_size);
    if (edit.encoded) {
      // Only whole characters can be encoded.
      const auto bytes = utf8_first_error(here) == here.size() ? encoder.encode(here) : std::nullopt;
      if (!bytes || bytes->size() != edit.range.size())
        bad = at;
      else
        std::copy(bytes->begin(), bytes->end(), before.begin() + edit.range.begin);
    } else if (here != step.after(edit)) {
      bad = at;
    } else {
      const std::string_view replaced = step.before(edit);
      std::copy(replaced.begin(), replaced.end(), before.begin() + edit.range.begin);
    }
    at += edit.after_size;
  };
  for_each_segment(
      std::span<const TextRange>(order), std::span<const LoggedEdit>(step.edits), step.size_before, [](TextRange) {},
      keep, put);
  if (!bad && at != after.size()) bad = at;
  if (bad) return unexpected(static_cast<ByteOffset>(*bad));
  return before;
}

}  // namespace

/// Undoes step after step and shows take() the text after each.
template <typename Take>
expected<std::string, Error> Log::unwind(std::string_view text, const Take& take) const {
  if (newline_added && text.ends_with('\n')) text.remove_suffix(1);
  const auto refuse = [](std::uint64_t at, std::string_view why) {
    return unexpected(Error{fmt::format("the text is not the one this log was written with: {}", why), at});
  };
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::size_t at = i * block_bytes;
    if (at >= text.size()) return refuse(text.size(), fmt::format("it ends {} bytes early", text_bytes - text.size()));
    if (hash_of_block(text.substr(0, text_bytes).substr(at, block_bytes)) != blocks[i])
      return refuse(at, fmt::format("the first difference is in the {} bytes from here on", block_bytes));
  }
  if (text.size() != text_bytes) return refuse(text_bytes, "it goes on here");
  Encoder encoder(encoding);
  std::string current(text);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    auto before = undo(*step, current, encoder);
    if (!before) return refuse(before.error(), fmt::format("what stage {} did does not fit it", step->stage));
    take(std::move(current));
    current = std::move(*before);
  }
  if (current.size() != source_bytes || XXH3_64bits(current.data(), current.size()) != source_hash)
    return refuse(0, "what comes out is not its source; the log may be cut off or changed");
  return current;
}

expected<std::string, Error> Log::restore(std::string_view text) const {
  return unwind(text, [](std::string&&) {});
}

expected<std::vector<std::string>, Error> Log::versions(std::string_view text) const {
  std::vector<std::string> all;
  auto source = unwind(text, [&](std::string&& version) { all.push_back(std::move(version)); });
  if (!source) return unexpected(source.error());
  all.push_back(std::move(*source));
  std::reverse(all.begin(), all.end());
  return all;
}

expected<Document, Error> Log::replay(std::string_view text, const Registry& registry) const {
  auto source = restore(text);
  if (!source) return unexpected(source.error());
  auto document = Document::from_bytes(std::move(*source), Account::edits);
  if (!document) return document;
  const auto rule_of = [](const StageInfo& stage, std::string_view id) -> std::optional<RuleIndex> {
    for (std::size_t i = 0; i < stage.rules.size(); ++i)
      if (stage.rules[i].id == id) return static_cast<RuleIndex>(i);
    return std::nullopt;
  };
  const auto unknown = [](std::string_view what) {
    return unexpected(Error{fmt::format("the log names {}, which this program does not have", what), 0});
  };
  std::string decoded;
  for (const LoggedStep& step : steps) {
    const StageEntry* const entry = registry.find(step.stage);
    if (entry == nullptr) return unknown(fmt::format("stage {}", step.stage));
    Proposal proposal;
    if (entry->info->decodes && encoding != "UTF-8") proposal.set_encoding(encoding);
    for (const LoggedEdit& edit : step.edits) {
      const auto rule = rule_of(*entry->info, step.rules[edit.rule]);
      if (!rule) return unknown(fmt::format("rule {}", step.rules[edit.rule]));
      if (!edit.encoded) {
        proposal.replace(edit.range, step.after(edit), *rule, edit.confidence);
        continue;
      }
      const std::string_view before = edit.range.of(document->text());
      decoded.clear();
      icu::UnicodeString(before.data(), static_cast<std::int32_t>(before.size()), encoding.c_str())
          .toUTF8String(decoded);
      const std::size_t characters = valid_utf8_length(decoded);
      const bool even = characters > 0 && before.size() % characters == 0 && decoded.size() % characters == 0;
      if (even)
        proposal.transcode(edit.range, decoded, static_cast<std::uint8_t>(before.size() / characters),
                           static_cast<std::uint8_t>(decoded.size() / characters), *rule, edit.confidence);
      else
        proposal.replace(edit.range, decoded, *rule, edit.confidence);
    }
    if (!step.order.empty()) {
      const auto rule = rule_of(*entry->info, step.order_rule);
      if (!rule) return unknown(fmt::format("rule {}", step.order_rule));
      std::vector<TextRange> order;
      for (const AppliedMove& move : step.order) order.push_back(move.range);
      proposal.arrange(std::move(order), *rule, step.order_confidence);
    }
    if (auto applied = document->apply(proposal, *entry->info); !applied) return unexpected(applied.error());
  }
  for (const LoggedDiagnostic& logged : diagnostics) {
    const StageEntry* const entry = registry.find(logged.stage);
    if (entry == nullptr) return unknown(fmt::format("stage {}", logged.stage));
    const auto rule = rule_of(*entry->info, logged.rule);
    if (!rule) return unknown(fmt::format("rule {}", logged.rule));
    document->diagnostics_.push_back(
        {logged.severity, entry->info->name, entry->info->rules[*rule].id, logged.source, logged.message});
  }
  std::vector<Label> labels;
  for (std::size_t i = 0; i < std::min(kinds.size(), document->lines().size()); ++i)
    if (const std::size_t kind = letters_of_kinds.find(kinds[i]); kind != std::string_view::npos && kind != 0)
      labels.push_back({document->lines()[i].ink, static_cast<BlockKind>(kind), 0, 100});
  document->labels_ = std::move(labels);
  document->measured_ = false;
  return document;
}

}  // namespace inkwash
