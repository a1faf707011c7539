// Chain::run_by_lines: a chain whose stages look at lines alone, on a text that is never held as a whole.
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "handover.h"
#include "inkwash/chain.h"
#include "inkwash/unicode.h"
#include "threads.h"

namespace inkwash {

class Chain::ByLines {
 public:
  ByLines(const Chain& chain, const Read& read, const Write& write, std::size_t piece_size)
      : chain_(chain), read_(read), write_(write), piece_size_(std::max<std::size_t>(piece_size, 1)) {}

  expected<std::optional<Tally>, std::string> run() {
    Piece first(*this);
    const bool more = fill(first) && !ended_;
    if (!more || threads_here() == 1)
      one_after_another(first);
    else
      in_parallel(first);
    for (const auto& error : {read_error_, write_error_})
      if (error) return unexpected(*error);
    if (stopped_) return std::nullopt;
    return std::move(tally_);
  }

 private:
  /// A piece of the text on its way, and the memory for it, in which other pieces follow.
  struct Piece {
    explicit Piece(ByLines& of) { document.source_.reserve(of.piece_size_); }
    Document document;
    Proposal proposal;
    std::uint64_t begin = 0;
    std::uint64_t characters_read = 0, characters_written = 0;
    bool done = false;  ///< as run() would have
  };

  void one_after_another(Piece& piece) {
    while (!piece.document.source_.empty() && !stopped_) {
      clean(piece);
      finish(piece);
      if (stopped_ || !fill(piece)) break;
    }
    add_counts(piece);
  }

  void in_parallel(Piece& first) {
    const std::size_t in_flight = 2 * threads_here();
    std::vector<std::unique_ptr<Piece>> pieces;
    std::vector<Piece*> free{&first};
    std::mutex free_mutex;
    bool first_is_filled = true;
    Handover handover;
    const auto next = [&]() -> Piece* {
      if (std::exchange(first_is_filled, false)) {
        free.clear();
        return &first;
      }
      Piece* piece = nullptr;
      {
        const std::lock_guard lock(free_mutex);
        if (!free.empty()) {
          piece = free.back();
          free.pop_back();
        }
      }
      if (piece == nullptr) piece = pieces.emplace_back(std::make_unique<Piece>(*this)).get();
      return !stopped_ && fill(*piece) ? piece : nullptr;
    };
    // A thread that waits for the others takes up no other document in the meantime, which would have to be held, too.
    handover.mark();
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_pipeline(
          in_flight,
          tbb::make_filter<void, Piece*>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) -> Piece* {
            handover.mark();
            Piece* const piece = next();
            if (piece == nullptr) control.stop();
            handover.mark();
            return piece;
          }) & tbb::make_filter<Piece*, Piece*>(tbb::filter_mode::parallel, [&](Piece* piece) {
            handover.mark();
            clean(*piece);
            handover.mark();
            return piece;
          }) & tbb::make_filter<Piece*, void>(tbb::filter_mode::serial_in_order, [&](Piece* piece) {
            handover.mark();
            finish(*piece);
            const std::lock_guard lock(free_mutex);
            free.push_back(piece);
            handover.mark();
          }));
    });
    handover.mark();
    add_counts(first);
    for (const auto& piece : pieces) add_counts(*piece);
  }

  /// Reads the next whole lines. False where there is nothing more, or no more can be read.
  bool fill(Piece& piece) {
    std::string& bytes = piece.document.source_;
    piece.begin = begin_;
    std::size_t size = rest_.size(), cut = 0;
    if (bytes.size() < size) bytes.resize(size);
    std::copy(rest_.begin(), rest_.end(), bytes.begin());
    while (cut == 0 && !ended_) {
      const std::size_t from = size, wanted = std::max(piece_size_, 2 * size);
      if (wanted > max_document_bytes) {
        stopped_ = true;
        return false;
      }
      bytes.resize(wanted);
      while (size < wanted && !ended_) {
        const auto got = read_(std::span(bytes).subspan(size));
        if (!got) {
          read_error_ = got.error();
          stopped_ = true;
          return false;
        }
        ended_ = *got == 0;
        size += *got;
      }
      const std::size_t newline = std::string_view(bytes).substr(from, size - from).rfind('\n');
      if (newline != std::string_view::npos) cut = from + newline + 1;
    }
    if (ended_) cut = size;
    rest_.assign(bytes, cut, size - cut);
    bytes.resize(cut);
    begin_ += cut;
    tally_.bytes_read += cut;
    return cut != 0;
  }

  void clean(Piece& piece) const {
    Document& document = piece.document;
    const std::string_view text = document.source_;
    piece.done = false;
    if (stopped_) return;
    const auto& stages = chain_.stages_;
    const bool decodes = !stages.empty() && stages.front()->info().decodes;
    if (decodes ? !stages.front()->passes(text, piece.begin) : utf8_first_error(text) != text.size()) return;
    piece.characters_read = valid_utf8_length(text);
    document.begin_again();
    for (std::size_t i = decodes ? 1 : 0; i < stages.size(); ++i)
      if (!Chain::run(*stages[i], document, piece.proposal)) return;
    piece.characters_written = document.verbatim_ ? piece.characters_read : valid_utf8_length(document.text());
    piece.done = document.diagnostics_.empty() && document.jumps_.empty() && document.folios_.empty();
  }

  void finish(Piece& piece) {
    if (stopped_) return;
    if (!piece.done) {
      stopped_ = true;
      return;
    }
    tally_.characters_read += piece.characters_read;
    tally_.characters_written += piece.characters_written;
    if (const auto written = write_(piece.document.text()); !written) {
      write_error_ = written.error();
      stopped_ = true;
    }
  }

  void add_counts(const Piece& piece) {
    for (const RuleCount& count : piece.document.counts_) {
      const auto same = [&](const RuleCount& one) { return one.rule.data() == count.rule.data(); };
      const auto found = std::ranges::find_if(tally_.counts, same);
      if (found == tally_.counts.end()) {
        tally_.counts.push_back(count);
      } else {
        found->edits += count.edits;
        found->characters += count.characters;
      }
    }
  }

  const Chain& chain_;
  const Read& read_;
  const Write& write_;
  std::size_t piece_size_;
  std::string rest_;  ///< of a line, behind the last piece
  std::uint64_t begin_ = 0;
  bool ended_ = false;
  std::atomic<bool> stopped_{false};
  std::optional<std::string> read_error_, write_error_;
  Tally tally_;
};

bool Chain::looks_at_lines_alone() const noexcept {
  return std::ranges::all_of(stages_, [&](const auto& stage) {
    return stage->info().decodes ? stage == stages_.front() : stage->scope() == Scope::line;
  });
}

expected<std::optional<Tally>, std::string> Chain::run_by_lines(const Read& read, const Write& write,
                                                                std::size_t piece_size) const {
  return ByLines(*this, read, write, piece_size).run();
}

}  // namespace inkwash
