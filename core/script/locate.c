#include "script/locate.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    struct slice text; /* a string's without quotes; escapes stay as written */
    int line;
};

struct lexer {
    struct slice source;
    size_t at;
    int line;
};

static char peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;

    return at < lexer->source.len ? (char)lexer->source.data[at] : 0;
}

static void skip(struct lexer *lexer, size_t count)
{
    for (; count > 0 && lexer->at < lexer->source.len; count--)
        if (lexer->source.data[lexer->at++] == '\n')
            lexer->line++;
}

static bool at_end(const struct lexer *lexer)
{
    return lexer->at >= lexer->source.len;
}

/* "[[" or "[==[": its length, or 0. */
static size_t long_bracket(const struct lexer *lexer)
{
    size_t level = 1;

    if (peek(lexer, 0) != '[')
        return 0;
    while (peek(lexer, level) == '=')
        level++;
    return peek(lexer, level) == '[' ? level + 1 : 0;
}

/* Behind the opening one; leaves the lexer behind the closing one. */
static struct slice read_long(struct lexer *lexer, size_t width)
{
    size_t start;

    skip(lexer, width);
    start = lexer->at;
    for (; !at_end(lexer); skip(lexer, 1)) {
        size_t level = 1;

        if (peek(lexer, 0) != ']')
            continue;
        while (peek(lexer, level) == '=')
            level++;
        if (level + 1 == width && peek(lexer, level) == ']') {
            struct slice text = slice_of(lexer->source.data + start, lexer->at - start);

            skip(lexer, width);
            return text;
        }
    }
    return slice_of(lexer->source.data + start, lexer->at - start);
}

static struct slice read_quoted(struct lexer *lexer)
{
    char quote = peek(lexer, 0);
    size_t start = lexer->at + 1;
    struct slice text;

    skip(lexer, 1);
    while (!at_end(lexer) && peek(lexer, 0) != quote)
        skip(lexer, peek(lexer, 0) == '\\' ? 2 : 1);
    text = slice_of(lexer->source.data + start, lexer->at - start);
    skip(lexer, 1);
    return text;
}

static void skip_blank(struct lexer *lexer)
{
    while (!at_end(lexer)) {
        if (isspace((unsigned char)peek(lexer, 0))) {
            skip(lexer, 1);
        } else if (peek(lexer, 0) == '-' && peek(lexer, 1) == '-') {
            size_t width;

            skip(lexer, 2);
            width = long_bracket(lexer);
            if (width > 0)
                read_long(lexer, width);
            else
                while (!at_end(lexer) && peek(lexer, 0) != '\n')
                    skip(lexer, 1);
        } else {
            return;
        }
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static struct token next_token(struct lexer *lexer)
{
    struct token token;
    size_t start;

    skip_blank(lexer);
    start = lexer->at;
    token = (struct token){.kind = TOKEN_OTHER, .line = lexer->line};
    if (at_end(lexer)) {
        token.kind = TOKEN_END;
    } else if (peek(lexer, 0) == '"' || peek(lexer, 0) == '\'') {
        token.kind = TOKEN_STRING;
        token.text = read_quoted(lexer);
    } else if (long_bracket(lexer) > 0) {
        token.kind = TOKEN_STRING;
        token.text = read_long(lexer, long_bracket(lexer));
    } else if (is_word(peek(lexer, 0))) {
        while (is_word(peek(lexer, 0)))
            skip(lexer, 1);
        token.kind = TOKEN_NAME;
        token.text = slice_of(lexer->source.data + start, lexer->at - start);
    } else {
        /* "==" is one token, so that a lone "=" is an assignment. */
        skip(lexer, peek(lexer, 0) == '=' && peek(lexer, 1) == '=' ? 2 : 1);
        token.text = slice_of(lexer->source.data + start, lexer->at - start);
    }
    return token;
}

static bool is_other(const struct token *token, const char *text)
{
    return token->kind == TOKEN_OTHER && slice_is(token->text, text);
}

/* The part of `path` behind `depth` dots. */
static struct slice part_of(const char *path, int depth)
{
    for (; depth > 0; depth--) {
        path = strchr(path, '.');
        if (!path)
            return (struct slice){0};
        path++;
    }
    return slice_of(path, strcspn(path, "."));
}

/* Where the walk through the returned table is. */
struct walk {
    const char *path;
    int depth;     /* open braces; the returned table is 1 */
    int matched;   /* of the path, by the braces that are open */
    bool entering; /* the key that was just read is the next part of the path */
    int line;      /* of the deepest part found */
    bool done;
};

static void on_key(struct walk *walk, const struct token *key)
{
    struct slice part = part_of(walk->path, walk->matched);

    walk->entering = walk->matched == walk->depth - 1 && part.data && slice_equal(key->text, part);
    if (!walk->entering)
        return;
    walk->line = key->line;
    walk->done = !part_of(walk->path, walk->matched + 1).data;
}

static void on_brace(struct walk *walk, bool opens)
{
    if (opens) {
        walk->depth++;
        if (walk->entering)
            walk->matched++;
        walk->entering = false;
    } else {
        walk->depth--;
        if (walk->matched > walk->depth - 1)
            walk->matched = walk->depth > 0 ? walk->depth - 1 : 0;
    }
}

int locate_key(struct slice source, const char *path)
{
    struct lexer lexer = {.source = source, .line = 1};
    struct walk walk = {.path = path, .line = 1};
    struct token before = {0};
    struct token last = {0};
    struct token token = next_token(&lexer);

    while (token.kind != TOKEN_END && !(token.kind == TOKEN_NAME && slice_is(token.text, "return")))
        token = next_token(&lexer);
    walk.line = token.line;
    for (; token.kind != TOKEN_END && !walk.done; token = next_token(&lexer)) {
        if (is_other(&token, "{") || is_other(&token, "}"))
            on_brace(&walk, is_other(&token, "{"));
        else if (is_other(&token, ",") || is_other(&token, ";"))
            walk.entering = false;
        else if (is_other(&token, "="))
            on_key(&walk, is_other(&last, "]") ? &before : &last);
        before = last;
        last = token;
    }
    return walk.line;
}

enum { DEPTH_MAX = 32, SEEN_MAX = 4096 };

/* The keys of the tables that are open, outermost first. */
struct seen {
    struct token keys[SEEN_MAX];
    size_t count;
    size_t starts[DEPTH_MAX]; /* of each open table's keys */
    size_t depth;
};

static void see_brace(struct seen *seen, bool opens)
{
    if (opens) {
        if (seen->depth < DEPTH_MAX)
            seen->starts[seen->depth] = seen->count;
        seen->depth++;
    } else if (seen->depth > 0) {
        seen->depth--;
        if (seen->depth < DEPTH_MAX)
            seen->count = seen->starts[seen->depth];
    }
}

/* The line where the key stood first, or 0. */
static int see_key(struct seen *seen, const struct token *key)
{
    if (seen->depth == 0 || seen->depth > DEPTH_MAX)
        return 0;
    for (size_t i = seen->starts[seen->depth - 1]; i < seen->count; i++)
        if (slice_equal(seen->keys[i].text, key->text))
            return seen->keys[i].line;
    if (seen->count < SEEN_MAX)
        seen->keys[seen->count++] = *key;
    return 0;
}

void locate_repeats(struct slice source,
                    void (*found)(void *owner, const struct locate_repeat *repeat), void *owner)
{
    struct lexer lexer = {.source = source, .line = 1};
    struct seen *seen = mem_alloc(sizeof *seen);
    struct token before = {0};
    struct token last = {0};
    struct token token = next_token(&lexer);

    while (token.kind != TOKEN_END && !(token.kind == TOKEN_NAME && slice_is(token.text, "return")))
        token = next_token(&lexer);
    for (; token.kind != TOKEN_END; token = next_token(&lexer)) {
        const struct token *key = is_other(&last, "]") ? &before : &last;
        enum token_kind kind = is_other(&last, "]") ? TOKEN_STRING : TOKEN_NAME;
        int first_line;

        if (token.kind == TOKEN_NAME && slice_is(token.text, "function"))
            break;
        if (is_other(&token, "{") || is_other(&token, "}"))
            see_brace(seen, is_other(&token, "{"));
        first_line = is_other(&token, "=") && key->kind == kind ? see_key(seen, key) : 0;
        if (first_line > 0)
            found(owner, &(struct locate_repeat){key->text, key->line, first_line});
        before = last;
        last = token;
    }
    free(seen);
}
