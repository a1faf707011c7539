#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_stage;

TEST(Ocr, MarksInChineseTextAreFullWidth) {
  EXPECT_EQ(run_stage("ocr", "老周說,今年的魚價好,明天再來看看: 好不好?"),
            "老周說，今年的魚價好，明天再來看看： 好不好？");
  EXPECT_EQ(run_stage("ocr", "他今年66歲,3個孩子都在外地; 一年回來2次,"),
            "他今年66歲，3個孩子都在外地； 一年回來2次，");
  EXPECT_EQ(run_stage("ocr", "港口昨日 (5月12日) 开港"), "港口昨日 （5月12日） 开港");
  EXPECT_EQ(run_stage("ocr", "港口昨日 〈5月12日) 开港"), "港口昨日 （5月12日） 开港");
}

TEST(Ocr, OtherMarksStay) {
  for (const char* text : {"全市共有1,250条线路，10:30发车", "The port opened today, he said (in May).",
                           "据《Port, Ship & Sea》报道，开港了", "他说“OK, let's go!”就走了"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
}

TEST(Ocr, HalfADash) {
  EXPECT_EQ(run_stage("ocr", "他在那里一—在码头边工作"), "他在那里——在码头边工作");
  EXPECT_EQ(run_stage("ocr", "他在那里——一个人工作"), "他在那里——一个人工作");
}

TEST(Ocr, CharactersAreMendedWhereTheTextIsSure) {
  // Of the model's own field, so that it is sure of itself.
  EXPECT_EQ(run_stage("ocr", "中国共产觉的领导是中国特色社会主义最本质的特征"),
            "中国共产党的领导是中国特色社会主义最本质的特征");
  EXPECT_EQ(run_stage("ocr:level=off", "中国共产觉的领导,是最本质的特征"), "中国共产觉的领导,是最本质的特征");
  // Numbers are never mended, however unusual.
  EXPECT_EQ(run_stage("ocr", "展览每周二至周日上午九时至下午五时开放，周一休馆"),
            "展览每周二至周日上午九时至下午五时开放，周一休馆");
  // A name is no error.
  EXPECT_EQ(run_stage("ocr", "记者觉明从临江港发回报道说，码头今天开港"), "记者觉明从临江港发回报道说，码头今天开港");
}

TEST(Ocr, EachChangeKnowsItsSource) {
  const Document document = testing::run_document("ocr", "老周說,今年的魚價好");
  EXPECT_EQ(document.source_of({9, 12}), (SourceRange{9, 10}));
}

TEST(Ocr, ReportsAWrongLevel) { EXPECT_FALSE(Chain::make("ocr:level=most", builtin_stages(), Rules{})); }

}  // namespace
}  // namespace inkwash
