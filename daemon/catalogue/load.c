// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories, files and lines; what a line means is draft.c's to say. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/catalogue/draft.h"

#define FILE_MAX	(256 * 1024)
#define FILES_MAX	64	/* in one directory */

/* A file in memory, handed to the parser line by line. */
struct reading {
	struct draft *d;
	const char *text, *end;
	struct place at;	/* the line handed out last */
};

/* --- text -------------------------------------------------------------------- */

/* Length of the character at @p: 0 if it is none that belongs in a text. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4, i;
	uint32_t c = n == 1 ? *p : *p & (0x7fu >> n);

	if (*p >= 0x80 && (*p < 0xc2 || *p > 0xf4))
		return 0;
	if (n > left)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* Controls, over-long forms, surrogates, beyond the last. */
	if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	    (n == 3 && c < 0x800) || (n == 4 && c < 0x10000) ||
	    (c >= 0xd800 && c < 0xe000) || c > 0x10ffff || c == 0xfeff)
		return 0;
	return n;
}

static bool check_text(struct draft *d, struct place at, const char *text,
		       size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n;

	at.line = 1;
	for (i = 0; i < len; i += n) {
		n = utf8_length(p + i, len - i);
		if (!n)
			return draft_fail(d, -EINVAL, at,
					  "byte 0x%02x: only UTF-8 text, no tabs or other controls",
					  p[i]);
		at.line += p[i] == '\n';
	}
	return true;
}

/* --- lines ------------------------------------------------------------------- */

/* The parser cuts long headings and does not tell of empty ones. */
static bool read_heading(struct reading *r, const char *line, size_t len)
{
	const char *close = memchr(line, ']', len), *p;

	if (!close)
		return draft_fail(r->d, -EINVAL, r->at, "no ']' in a heading");
	for (p = close + 1; p < line + len && *p == ' '; p++)
		;
	if (p < line + len && *p != ';' && *p != '#')
		return draft_fail(r->d, -EINVAL, r->at,
				  "something follows a heading");
	return draft_heading(r->d, r->at, line + 1, (size_t)(close - line - 1));
}

/* The parser would take an indented line for more of the one before. */
static bool read_indented(struct reading *r, const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && line[i] == ' ')
		i++;
	if (i < len && line[i] != ';' && line[i] != '#')
		return draft_fail(r->d, -EINVAL, r->at,
				  "a line must not begin with a blank");
	return true;
}

/* Gives the parser the next line; NULL ends it, also on a failure. */
static char *next_line(char *str, int num, void *stream)
{
	struct reading *r = stream;
	const char *line = r->text, *newline;
	size_t len;

	if (r->d->error || line == r->end)
		return NULL;
	newline = memchr(line, '\n', (size_t)(r->end - line));
	len = (size_t)((newline ? newline : r->end) - line);
	r->text = newline ? newline + 1 : r->end;
	r->at.line++;
	/* The parser would go on with the rest as if it were a new line. */
	if (len + 2 > (size_t)num) {
		draft_fail(r->d, -EINVAL, r->at, "longer than %d bytes",
			   num - 2);
		return NULL;
	}
	if (len && ((line[0] == '[' && !read_heading(r, line, len)) ||
		    (line[0] == ' ' && !read_indented(r, line, len))))
		return NULL;
	memcpy(str, line, len);
	str[len] = '\n';
	str[len + 1] = '\0';
	return str;
}

static int got_key(void *user, const char *section, const char *name,
		   const char *value)
{
	struct reading *r = user;

	(void)section; /* cut at 49 bytes; draft_heading() has seen it whole */
	return draft_key(r->d, r->at, name, value);
}

static bool parse_text(struct draft *d, struct place at, const char *text,
		       size_t len)
{
	struct reading r = { .d = d, .text = text, .end = text + len,
			     .at = at };
	int line;

	d->open = NULL;
	if (!check_text(d, at, text, len))
		return false;
	line = ini_parse_stream(next_line, &r, got_key, &r);
	if (d->error && (line <= 0 || (unsigned int)line >= d->failed.line))
		return false;
	if (line > 0) {
		/* An earlier line that the parser did not understand. */
		d->error = 0;
		at.line = (unsigned int)line;
		return draft_fail(d, -EINVAL, at,
				  "neither '[kind name]' nor 'key = value'");
	}
	return line == 0 || draft_fail(d, -ENOMEM, at, "out of memory");
}

/* --- files ------------------------------------------------------------------- */

static bool read_open_file(struct draft *d, struct place at, int fd)
{
	struct stat st;
	char *text;
	size_t len = 0;
	ssize_t n = 0;
	bool ok;

	if (fstat(fd, &st) < 0)
		return draft_fail(d, -errno, at, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return draft_fail(d, -EINVAL, at,
				  "not a file of at most %d bytes", FILE_MAX);
	text = malloc(FILE_MAX + 1);
	if (!text)
		return draft_fail(d, -ENOMEM, at, "out of memory");
	while (len <= FILE_MAX &&
	       (n = read(fd, text + len, FILE_MAX + 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		ok = draft_fail(d, -errno, at, "%s", strerror(errno));
	else if (len > FILE_MAX)
		ok = draft_fail(d, -EINVAL, at, "grows while it is read");
	else
		ok = parse_text(d, at, text, len);
	free(text);
	return ok;
}

static bool read_file(struct draft *d, const char *dir, const char *name)
{
	size_t len = strlen(dir) + strlen(name) + 2;
	char *path = draft_alloc(d, len);
	struct place at = { .file = path };
	bool ok;
	int fd;

	if (!path)
		return false;
	snprintf(path, len, "%s/%s", dir, name);
	/* Something that is no file must not keep the daemon waiting. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return draft_fail(d, -errno, at, "%s", strerror(errno));
	ok = read_open_file(d, at, fd);
	close(fd);
	return ok;
}

static int is_conf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && !strcmp(dot, ".conf");
}

/* Not by the rules of a locale: the order is part of the meaning. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A file by itself is a layer as well: one that is not installed yet. */
static bool read_lone_file(struct draft *d, const char *path)
{
	struct place at = { .file = draft_copy(d, path, strlen(path)) };
	bool ok;
	int fd;

	fd = at.file ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0)
		return draft_fail(d, -errno, at, "%s", strerror(errno));
	ok = read_open_file(d, at, fd);
	close(fd);
	return ok;
}

static bool read_dir(struct draft *d, const char *dir)
{
	struct place at = { .file = dir };
	struct dirent **names;
	bool ok = true;
	int n, i;

	if (!dir)
		return draft_built_in(d);
	n = scandir(dir, &names, is_conf, by_name);
	d->layer++;
	if (n < 0 && errno == ENOTDIR)
		return read_lone_file(d, dir);
	if (n < 0 && errno == ENOENT && d->layer > 1)
		return true;
	if (n < 0)
		return draft_fail(d, -errno, at, "%s", strerror(errno));
	if (n > FILES_MAX)
		ok = draft_fail(d, -EINVAL, at, "more than %d files",
				FILES_MAX);
	for (i = 0; i < n; i++) {
		ok = ok && read_file(d, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return ok;
}

int catalogue_load(const char *const *dirs, size_t count,
		   struct catalogue **set, char error[CATALOGUE_ERROR_LEN])
{
	struct draft d = { .why = error };
	struct place at = { .file = "catalogue" };
	size_t i;
	int ret;

	*set = NULL;
	error[0] = '\0';
	if (!count)
		draft_fail(&d, -EINVAL, at, "no directory given");
	for (i = 0; i < count && !d.error; i++)
		read_dir(&d, dirs[i]);
	if (!d.error && check_draft(&d, dirs[0] ? dirs[0] : "built-in")) {
		*set = draft_finish(&d);
		if (!*set)
			draft_fail(&d, -ENOMEM, at, "out of memory");
	}
	ret = d.error;
	draft_free(&d);
	return ret;
}
