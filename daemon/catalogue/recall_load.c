// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of recalls: lines to entries, or one refusal for the whole file. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/catalogue/recall.h"

#define FILE_MAX	(256 * 1024)
#define LINE_MAX_BYTES	256
#define ENTRIES_MAX	4096

/* What an entry has said so far. */
enum {
	SEEN_GTIN = 1, SEEN_WHICH = 2, SEEN_REASON = 4, SEEN_SOURCE = 8,
	SEEN_ALL = 15
};

struct loading {
	struct recall_list *list;
	const char *path;
	unsigned int line, head;	/* head: where the entry began */
	unsigned int seen;
	char *error;
	int failed;
};

static bool recall_fail(struct loading *l, int error, unsigned int line,
			const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static bool recall_fail(struct loading *l, int error, unsigned int line,
			const char *fmt, ...)
{
	va_list args;
	int n;

	l->failed = error;
	n = line ? snprintf(l->error, RECALL_ERROR_LEN, "%s:%u: ", l->path,
			    line) :
		   snprintf(l->error, RECALL_ERROR_LEN, "%s: ", l->path);
	va_start(args, fmt);
	if (n >= 0 && n < RECALL_ERROR_LEN)
		vsnprintf(l->error + n, RECALL_ERROR_LEN - (size_t)n, fmt,
			  args);
	va_end(args);
	return false;
}

static struct recall *open_entry(struct loading *l)
{
	return l->list->count ? &l->list->recall[l->list->count - 1] : NULL;
}

/* --- values ----------------------------------------------------------------------- */

static bool copy_text(struct loading *l, const char *key, const char *value,
		      char *out, size_t max)
{
	size_t len = strlen(value);

	if (!len || len > max)
		return recall_fail(l, -EINVAL, l->line,
				   "%s: 1 to %zu bytes, not %zu", key, max,
				   len);
	memcpy(out, value, len + 1);
	return true;
}

/* As the reader of scans does it, so that both mean the same product. */
static bool read_gtin(struct loading *l, const char *value, struct recall *r)
{
	char scan[UDI_GTIN_LEN + 3];
	enum udi_error error;
	struct udi udi;

	if (strlen(value) != UDI_GTIN_LEN)
		return recall_fail(l, -EINVAL, l->line,
				   "gtin: '%s' has not 14 digits", value);
	snprintf(scan, sizeof(scan), "01%s", value);
	error = udi_parse(scan, UDI_GTIN_LEN + 2, 2000, &udi);
	if (error)
		return recall_fail(l, -EINVAL, l->line, "gtin: '%s': %s",
				   value, udi_error_text(error));
	memcpy(r->gtin, udi.gtin, sizeof(r->gtin));
	return true;
}

static bool read_which(struct loading *l, enum recall_which which,
		       const char *key, const char *value, struct recall *r)
{
	r->which = which;
	if (which == RECALL_ALL)
		return !strcmp(value, "all") ||
		       recall_fail(l, -EINVAL, l->line,
				   "lots: '%s' is not 'all'", value);
	return copy_text(l, key, value, r->value, UDI_VALUE_MAX);
}

static bool seen_first(struct loading *l, unsigned int bit, const char *key)
{
	if (l->seen & bit)
		return recall_fail(l, -EINVAL, l->line,
				   bit == SEEN_WHICH ?
				   "%s: only one of lot, lot_begins, serial and lots" :
				   "%s: given twice", key);
	l->seen |= bit;
	return true;
}

static bool read_key(struct loading *l, const char *key, const char *value)
{
	static const char *const which[] = {
		[RECALL_LOT] = "lot", [RECALL_LOT_BEGINS] = "lot_begins",
		[RECALL_SERIAL] = "serial", [RECALL_ALL] = "lots",
	};
	struct recall *r = open_entry(l);
	unsigned int i;

	if (!r)
		return recall_fail(l, -EINVAL, l->line,
				   "%s: outside any entry", key);
	for (i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		if (!strcmp(key, which[i]))
			return seen_first(l, SEEN_WHICH, key) &&
			       read_which(l, i, key, value, r);
	if (!strcmp(key, "gtin"))
		return seen_first(l, SEEN_GTIN, key) &&
		       read_gtin(l, value, r);
	if (!strcmp(key, "reason"))
		return seen_first(l, SEEN_REASON, key) &&
		       copy_text(l, key, value, r->reason, RECALL_TEXT_MAX);
	if (!strcmp(key, "source"))
		return seen_first(l, SEEN_SOURCE, key) &&
		       copy_text(l, key, value, r->source, RECALL_TEXT_MAX);
	return recall_fail(l, -EINVAL, l->line, "%s: unknown key", key);
}

/* --- entries ----------------------------------------------------------------------- */

static bool entry_complete(struct loading *l)
{
	static const char *const keys[] = {
		"gtin", "one of lot, lot_begins, serial and lots", "reason",
		"source",
	};
	unsigned int i;

	if (!open_entry(l) || l->seen == SEEN_ALL)
		return true;
	for (i = 0; l->seen & 1u << i; i++)
		;
	return recall_fail(l, -EINVAL, l->head, "[recall %s]: %s is missing",
			   open_entry(l)->id, keys[i]);
}

static bool new_entry(struct loading *l, const char *id)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	struct recall *r;
	size_t i;

	if (!entry_complete(l))
		return false;
	if (!*id || strlen(id) > RECALL_ID_MAX || id[strspn(id, good)])
		return recall_fail(l, -EINVAL, l->line,
				   "'%s': a name has a to z, 0 to 9 and '-'",
				   id);
	for (i = 0; i < l->list->count; i++)
		if (!strcmp(l->list->recall[i].id, id))
			return recall_fail(l, -EINVAL, l->line,
					   "[recall %s]: given twice", id);
	if (l->list->count == ENTRIES_MAX)
		return recall_fail(l, -EINVAL, l->line,
				   "more than %d entries", ENTRIES_MAX);
	r = reallocarray(l->list->recall, l->list->count + 1, sizeof(*r));
	if (!r)
		return recall_fail(l, -ENOMEM, l->line, "out of memory");
	l->list->recall = r;
	memset(&r[l->list->count], 0, sizeof(*r));
	memcpy(r[l->list->count++].id, id, strlen(id)); /* at most ID_MAX */
	l->head = l->line;
	l->seen = 0;
	return true;
}

/* --- lines -------------------------------------------------------------------------- */

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " ");
	for (len = strlen(s); len && s[len - 1] == ' '; len--)
		;
	s[len] = '\0';
	return s;
}

static bool read_line(struct loading *l, char *s)
{
	size_t len = strlen(s);
	char *equals, *p;

	for (p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return recall_fail(l, -EINVAL, l->line,
					   "byte 0x%02x: no tabs or other controls",
					   (unsigned char)*p);
	if (!*s || *s == '#')
		return true;
	if (*s == '[') {
		if (strncmp(s, "[recall ", 8) || s[len - 1] != ']')
			return recall_fail(l, -EINVAL, l->line,
					   "not '[recall name]'");
		s[len - 1] = '\0';
		return new_entry(l, s + 8);
	}
	equals = strchr(s, '=');
	if (!equals || *s == ' ')
		return recall_fail(l, -EINVAL, l->line,
				   "neither '[recall name]' nor 'key = value'");
	*equals = '\0';
	return read_key(l, trim(s), trim(equals + 1));
}

static bool read_text(struct loading *l, const char *text, size_t len)
{
	const char *end = text + len, *newline;
	char line[LINE_MAX_BYTES + 1];

	for (; text < end; text = newline + 1) {
		size_t n;

		l->line++;
		newline = memchr(text, '\n', (size_t)(end - text));
		if (!newline)
			newline = end;
		n = (size_t)(newline - text);
		if (n > LINE_MAX_BYTES || memchr(text, '\0', n))
			return recall_fail(l, -EINVAL, l->line,
					   "longer than %d bytes, or no text",
					   LINE_MAX_BYTES);
		memcpy(line, text, n);
		line[n] = '\0';
		if (!read_line(l, line))
			return false;
	}
	return entry_complete(l);
}

static bool read_fd(struct loading *l, int fd)
{
	char *text = malloc(FILE_MAX + 1);
	struct stat st;
	size_t len = 0;
	ssize_t n = 0;
	bool ok;

	if (!text)
		return recall_fail(l, -ENOMEM, 0, "out of memory");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		free(text);
		return recall_fail(l, -EINVAL, 0, "not a file");
	}
	while (len <= FILE_MAX &&
	       (n = read(fd, text + len, FILE_MAX + 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		ok = recall_fail(l, -errno, 0, "%s", strerror(errno));
	else if (len > FILE_MAX)
		ok = recall_fail(l, -EINVAL, 0, "more than %d bytes",
				 FILE_MAX);
	else
		ok = read_text(l, text, len);
	free(text);
	return ok;
}

int recall_load(const char *path, struct recall_list *list,
		char error[RECALL_ERROR_LEN])
{
	struct loading l = { .list = list, .path = path, .error = error };
	int fd;

	memset(list, 0, sizeof(*list));
	error[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0) {
		recall_fail(&l, -errno, 0, "%s", strerror(errno));
		return l.failed;
	}
	if (!read_fd(&l, fd))
		recall_free(list);
	close(fd);
	return l.failed;
}

void recall_free(struct recall_list *list)
{
	free(list->recall);
	memset(list, 0, sizeof(*list));
}
