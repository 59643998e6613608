/* The words for the fuzzer's mutations, from the rows of the registry and the signs of the language: one libFuzzer entry a line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "builtins/builtin.h"

static void entry(const char *p, size_t n, const char *after)
{
    putchar('"');
    for (size_t k = 0; k < n; k++) {
        const unsigned char c = (unsigned char)p[k];
        if (c == '"' || c == '\\' || c < 32 || c > 126) printf("\\x%02X", c);
        else putchar(c);
    }
    printf("%s\"\n", after);
}

int main(void)
{
    static const char *const signs[] = {":=", ":", ";", "(", ")", ",", "{", "}", "//", "/*", "*/", "'", "\"", "<>", "!=", "==", "<=", ">=", "=>", "&&",
                                        "||", "AND ", " OR ", "NOT ", "#WEEK", "#MONTH", "#MIN5", "\"MACD.DIF\"", "KDJ.K", "MACD.DIF(12,26,9)",
                                        "\"SH000001$CLOSE\"", "\"DD.X#YEAR\"", "{@param N 9 1 100}", "{@kind screen}", "COLORRED", "COLORFF00FF", "LINETHICK2",
                                        "NODRAW", "STICK", "X0:=", "X1:", "底:=", "（", "）", "，", "；", "：＝", "“", "”", "＋", "≥", "０", "　", "。", "1E308",
                                        "0.00001", "99999999999", ".5", "-1", "&lt;", "%", "\xEF\xBB\xBF", "\xFF\xFE", "\r\n", "{ expect: 1 2 - }"};
    int n;
    const gp_builtin *rows = gp_builtin_all(&n);
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) entry(signs[k], strlen(signs[k]), "");
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &rows[k];
        if (b->flags & GP_ROW_INTERNAL) continue;
        const char *call = b->n_args && isalpha((unsigned char)b->name[0]) ? "(" : "";
        entry(b->name, strlen(b->name), call);
        for (const char *p = b->aliases; *p; p += strspn(p, " ")) {
            const size_t letters = strcspn(p, " ");
            entry(p, letters, call);
            p += letters;
        }
    }
    return 0;
}
