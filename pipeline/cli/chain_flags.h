// The flags that say which chain cleans, shared by the commands that clean.
#pragma once

#include "flags.h"
#include "inkwash/chain.h"

namespace inkwash::cli {

inline constexpr Flag chain_flag{"chain", 'c', "NAME", false,
                                 "a chain of rules/chains or a TOML file (default: default)"};
inline constexpr Flag stages_flag{"stages", 's', "LIST", false, "a chain of your own: decode,spaces,wraps"};
inline constexpr Flag script_flag{"script", 0, "CONFIG", false,
                                  "convert the script: an OpenCC configuration by name (t2s, s2twp ...) or by\npath "
                                  "(own.json), or hans or hant, which "
                                  "leave what already is"};
inline constexpr Flag ocr_flag{
    "ocr", 0, "LEVEL", false,
    "what recognition misread: off, safe (the default: only what is sure)\nor full (the best guess)"};
inline constexpr Flag punctuation_flag{"punctuation", 0, "QUOTES", false,
                                       "dashes, ellipses and interpuncts in one form, and quotation marks:\nkeep, "
                                       "curly or corner (default: all as printed)"};
inline constexpr Flag encoding_flag{"encoding", 'e', "NAME", false, "the inputs' encoding (default: found by content)"};
inline constexpr Flag rules_flag{"rules", 0, "DIR", false, "take files of rules/ from DIR where they exist there"};

inline constexpr Flag model_flag{"model", 0, "FILE", false, "a coherence model of your own, made by inkwash train"};

/// The rules those flags ask for; what is wrong with them is added to `errors`.
[[nodiscard]] Rules chain_rules(const Arguments& arguments, std::vector<std::string>& errors);
/// The chain those flags ask for. Error: every mistake in it.
[[nodiscard]] expected<ChainSpec, ConfigErrors> chain_spec(const Arguments& arguments, const Rules& rules);

}  // namespace inkwash::cli
