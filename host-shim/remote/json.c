/* A parser of flat JSON objects; see remote/json.h. Longer strings and names than there is room for are refused. */
#include "remote/json.h"

#include <string.h>

typedef struct reader {
  const char *at, *end;
} reader;

static void blanks(reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) r->at++;
}

static bool take(reader *r, char c) {
  blanks(r);
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* \uXXXX: what is not ASCII becomes a question mark; these texts are for messages. */
static bool unicode_escape(reader *r, char *into) {
  if (r->end - r->at < 4) return false;
  int value = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(*r->at++);
    if (digit < 0) return false;
    value = value * 16 + digit;
  }
  *into = value >= 0x20 && value < 0x7f ? (char)value : '?';
  return true;
}

static bool escape(reader *r, char *into) {
  if (r->at == r->end) return false;
  char c = *r->at++;
  switch (c) {
    case '"': case '\\': case '/': *into = c; return true;
    case 'n': case 'r': case 't': case 'b': case 'f': *into = ' '; return true;
    case 'u': return unicode_escape(r, into);
    default: return false;
  }
}

static bool string(reader *r, char *into, size_t room) {
  if (!take(r, '"')) return false;
  size_t length = 0;
  while (r->at < r->end && *r->at != '"') {
    char c = *r->at++;
    if ((unsigned char)c < 0x20) return false;
    if (c == '\\' && !escape(r, &c)) return false;
    if (length + 1 >= room) return false;
    into[length++] = c;
  }
  into[length] = '\0';
  return take(r, '"');
}

static bool number(reader *r, uint64_t *into) {
  blanks(r);
  const char *first = r->at;
  uint64_t value = 0;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
    uint64_t digit = (uint64_t)(*r->at - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
    r->at++;
  }
  *into = value;
  return r->at > first && (*first != '0' || r->at == first + 1);
}

/* "0x..." as the number that it says. */
static bool hexadecimal(const char *text, uint64_t *into) {
  size_t length = strlen(text);
  if (length < 3 || length > 18 || text[0] != '0' || text[1] != 'x') return false;
  uint64_t value = 0;
  for (size_t i = 2; i < length; i++) {
    int digit = hex_digit(text[i]);
    if (digit < 0) return false;
    value = value << 4 | (uint64_t)digit;
  }
  *into = value;
  return true;
}

static bool member(reader *r, fx_json_member *m) {
  memset(m, 0, sizeof *m);
  if (!string(r, m->name, sizeof m->name) || !take(r, ':')) return false;
  blanks(r);
  if (r->at < r->end && *r->at == '"') {
    m->is_text = true;
    if (!string(r, m->text, sizeof m->text)) return false;
    m->is_number = hexadecimal(m->text, &m->number);
    return true;
  }
  return m->is_number = number(r, &m->number);
}

bool fx_json_parse(fx_json *json, const char *line, size_t bytes) {
  reader r = {.at = line, .end = line + bytes};
  json->count = 0;
  if (!take(&r, '{')) return false;
  if (!take(&r, '}')) {
    do {
      if (json->count == FX_JSON_MEMBERS || !member(&r, &json->members[json->count])) return false;
      json->count++;
    } while (take(&r, ','));
    if (!take(&r, '}')) return false;
  }
  blanks(&r);
  return r.at == r.end;
}

static const fx_json_member *find(const fx_json *json, const char *name) {
  for (uint32_t i = 0; i < json->count; i++)
    if (strcmp(json->members[i].name, name) == 0) return &json->members[i];
  return NULL;
}

bool fx_json_number(const fx_json *json, const char *name, uint64_t *into) {
  const fx_json_member *m = find(json, name);
  if (m == NULL || !m->is_number) return false;
  *into = m->number;
  return true;
}

const char *fx_json_text(const fx_json *json, const char *name) {
  const fx_json_member *m = find(json, name);
  return m != NULL && m->is_text ? m->text : NULL;
}
