put src/text.cpp <<'END'
#include <string>

std::string twice(const std::string& s) {
    return s + s;
}
END
put tests/text_test.cpp <<'END'
TEST(Text, Twice) {
    EXPECT_EQ(twice("a"), "aa");
}
END
builds
base
cat >> src/text.cpp <<'END'

std::string trim(const std::string& s) {
    const auto first = s.find_first_not_of(' ');
    return first == std::string::npos ? "" : s.substr(first);
}
END
cat >> tests/text_test.cpp <<'END'

TEST(Text, Trim) {
    EXPECT_EQ(trim("  a"), "a");
}
END
