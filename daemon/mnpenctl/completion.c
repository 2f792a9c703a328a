// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl completion: what could stand on the command line next. The shells'
 * scripts are a few lines each and ask "mnpenctl completion words -- WORDS",
 * so that they know what the table of commands and the daemon know.
 *
 * Each line of the answer is a word, a tab, and what it is; ":files" stands for
 * names of files. Nothing here may be slow, or say anything when it fails.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPLETION_MS	500

struct words {
	char **word;		/* behind "mnpenctl"; the last is incomplete */
	int n;
	const char *begun;	/* the last */
	char *place[8];		/* those before it that are no options */
	int places;
	const struct verb *verb;	/* NULL: not named yet */
	int verb_words;
};

static void put(const struct words *w, const char *word, const char *what)
{
	if (!strncmp(word, w->begun, strlen(w->begun)))
		printf("%s\t%s\n", word, what);
}

/* ---- what only the daemon knows --------------------------------------------- */

static void put_ids(const struct words *w, const char *method, const char *list,
		    const char *id, const char *what)
{
	struct mnpen_client *client;
	char *text = NULL;
	json_t *reply, *one;
	size_t i;

	if (mnpen_client_open(NULL, MNPEN_ANY, &client) < 0)
		return;
	mnpen_call(client, method, NULL, COMPLETION_MS, &text, NULL);
	mnpen_client_close(client);
	reply = ctl_json(text);
	json_array_foreach(json_object_get(reply, list), i, one)
		put(w, js_string(one, id), js_string(one, what));
	json_decref(reply);
}

static void put_nodes(const struct words *w)
{
	glob_t g;
	size_t i;

	if (glob("/dev/mnpen[0-9]*", 0, NULL, &g))
		return;
	for (i = 0; i < g.gl_pathc; i++)
		put(w, g.gl_pathv[i], "node");
	globfree(&g);
}

/* kind: what stands for the word in help. */
static void put_kind(const struct words *w, const char *kind)
{
	if (!strcmp(kind, "PEN"))
		put_ids(w, MNPEN_INTERFACE ".ListPens", "pens", "penId",
			"state");
	else if (!strcmp(kind, "AREA"))
		put_ids(w, MNPEN_INTERFACE ".GetCatalogue", "areas", "areaId",
			"name");
	else if (!strcmp(kind, "CONCERN"))
		put_ids(w, MNPEN_INTERFACE ".GetCatalogue", "concerns",
			"concernId", "name");
	else if (!strcmp(kind, "CODE"))
		put_ids(w, MNPEN_INTERFACE ".GetCatalogue", "screening", "code",
			"text");
	else if (!strcmp(kind, "SESSION"))
		put_ids(w, MNPEN_INTERFACE ".ListRecord", "sessions",
			"sessionId", "area");
	else if (!strcmp(kind, "NODE"))
		put_nodes(w);
	else if (!strcmp(kind, "FILE") || !strcmp(kind, "PATH") ||
		 !strcmp(kind, "DIR"))
		puts(":files");
	else if (*kind >= 'a' && *kind <= 'z')
		put(w, kind, "");
}

/* "[SESSION|last]", "json|csv": each of them. */
static void put_kinds(const struct words *w, const char *text, size_t len)
{
	char kind[32];
	size_t n = 0, i;

	for (i = 0; i <= len; i++) {
		char c = i < len ? text[i] : '|';

		if (c == '|') {
			kind[n] = '\0';
			put_kind(w, kind);
			n = 0;
		} else if (!strchr("[].", c) && n < sizeof(kind) - 1) {
			kind[n++] = c;
		}
	}
}

/* ---- where on the line --------------------------------------------------------- */

static const struct ctl_option *option_of(const char *word)
{
	size_t i;

	for (i = 0; !strncmp(word, "--", 2) && i < ctl_options_n; i++)
		if (!strcmp(word + 2, ctl_options[i].name))
			return &ctl_options[i];
	return NULL;
}

static bool takes_value(const char *word)
{
	const struct ctl_option *o = option_of(word);

	return o && o->value && *o->value != '[';
}

static void words_read(struct words *w)
{
	int i;

	for (i = 0; i < w->n - 1; i++) {
		/* bash hands over "--area=x" as three words. */
		if (takes_value(w->word[i]))
			i += !strcmp(w->word[i + 1], "=") ? 2 : 1;
		else if (*w->word[i] != '-' && w->places < 8)
			w->place[w->places++] = w->word[i];
	}
	if (w->places)
		w->verb = verbs_find(w->place, w->places, &w->verb_words);
}

static bool put_value(const struct words *w)
{
	const struct ctl_option *o;
	int before = w->n - 2;

	if (before > 0 && !strcmp(w->word[before], "="))
		before--;
	if (before < 0 || !takes_value(w->word[before]))
		return false;
	o = option_of(w->word[before]);
	put_kinds(w, o->value, strlen(o->value));
	return true;
}

static bool put_option(const struct words *w)
{
	char name[48];
	size_t i;

	if (*w->begun != '-')
		return false;
	for (i = 0; i < ctl_options_n; i++) {
		if (!(ctl_options[i].verbs &
		      (w->verb ? w->verb->options | OPT_EVERY : OPT_EVERY)))
			continue;
		snprintf(name, sizeof(name), "--%s", ctl_options[i].name);
		put(w, name, ctl_options[i].summary);
	}
	return true;
}

/* First words of commands, or the second ones behind a first. */
static void put_commands(const struct words *w)
{
	const struct verb *v, *before;
	const char *first = w->places ? w->place[0] : NULL;
	char word[48];
	size_t len;

	for (v = verbs; v->name; v++) {
		len = strcspn(v->name, " ");
		if (first && (strncmp(v->name, first, len) || first[len] ||
			      !v->name[len]))
			continue;
		snprintf(word, sizeof(word), "%s",
			 first ? v->name + len + 1 : v->name);
		if (!first)
			word[len] = '\0';
		for (before = verbs; !first && before < v &&
				     strncmp(before->name, v->name, len + 1) &&
				     !(!strncmp(before->name, word, len) &&
				       before->name[len] == ' '); before++)
			;
		if (first || before == v)
			put(w, word, v->name[len] && !first ? "..." :
							      v->summary);
	}
}

static void put_argument(const struct words *w)
{
	const char *args = w->verb->args, *last = args;
	int skip = w->places - w->verb_words;
	size_t len;

	if (skip >= w->verb->max_args)
		return;
	for (; *args && strncmp(args, "--", 2) && strncmp(args, "[--", 3);
	     args += len + (args[len] == ' ')) {
		len = strcspn(args, " ");
		last = args;
		if (!skip--)
			break;
	}
	put_kinds(w, last, strcspn(last, " "));
}

static void words_put(char **word, int n)
{
	struct words w = { .word = word, .n = n, .begun = word[n - 1] };

	words_read(&w);
	if (put_value(&w) || put_option(&w))
		return;
	if (w.verb && w.verb->fn == verb_help && n > 1) {
		words_put(word + 1, n - 1);
		return;
	}
	if (w.places < 2 && !(w.verb && w.verb_words == 2))
		put_commands(&w);
	if (w.verb)
		put_argument(&w);
}

/* ---- the scripts ------------------------------------------------------------------ */

static const char *const scripts[][2] = {
	{ "bash",
	  "# bash completion of mnpenctl, made by: mnpenctl completion bash\n"
	  "_mnpenctl() {\n"
	  "\tlocal word what cur=${COMP_WORDS[COMP_CWORD]}\n"
	  "\t[ \"$cur\" != = ] || cur=''\n"
	  "\tCOMPREPLY=()\n"
	  "\twhile IFS=$'\\t' read -r word what; do\n"
	  "\t\tif [ \"$word\" = :files ]; then\n"
	  "\t\t\tcompopt -o filenames\n"
	  "\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	  "\t\telse\n"
	  "\t\t\tCOMPREPLY+=(\"$word\")\n"
	  "\t\tfi\n"
	  "\tdone < <(\"${COMP_WORDS[0]}\" completion words -- \\\n"
	  "\t\t\"${COMP_WORDS[@]:1:COMP_CWORD-1}\" \"$cur\" 2>/dev/null)\n"
	  "}\n"
	  "complete -F _mnpenctl mnpenctl\n" },
	{ "zsh",
	  "#compdef mnpenctl\n"
	  "# zsh completion of mnpenctl, made by: mnpenctl completion zsh\n"
	  "_mnpenctl() {\n"
	  "\tlocal line; local -a found\n"
	  "\tfor line in \"${(@f)$(${words[1]} completion words -- \\\n"
	  "\t\t\t\"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	  "\t\tif [[ $line == :files* ]]; then\n"
	  "\t\t\t_files\n"
	  "\t\telif [[ -n $line ]]; then\n"
	  "\t\t\tfound+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
	  "\t\tfi\n"
	  "\tdone\n"
	  "\t(( ! $#found )) || _describe -t words mnpenctl found\n"
	  "}\n"
	  "if [[ $funcstack[1] == _mnpenctl ]]; then _mnpenctl \"$@\"\n"
	  "else compdef _mnpenctl mnpenctl; fi\n" },
	{ "fish",
	  "# fish completion of mnpenctl, made by: mnpenctl completion fish\n"
	  "function __mnpenctl_words\n"
	  "\tset -l line (commandline -opc) \"$(commandline -ct)\"\n"
	  "\tfor word in ($line[1] completion words -- $line[2..-1] 2>/dev/null)\n"
	  "\t\tif test \"$word\" = :files\n"
	  "\t\t\t__fish_complete_path $line[-1]\n"
	  "\t\telse\n"
	  "\t\t\techo $word\n"
	  "\t\tend\n"
	  "\tend\n"
	  "end\n"
	  "complete -c mnpenctl -f -a '(__mnpenctl_words)'\n" },
};

static const char *script_of(const char *shell)
{
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (!strcmp(shell, scripts[i][0]))
			return scripts[i][1];
	return NULL;
}

int verb_completion(struct ctl *ctl)
{
	const char *script = script_of(ctl->args[0]);
	json_t *line;

	if (!strcmp(ctl->args[0], "words") && ctl->n_args > 1) {
		words_put(ctl->args + 1, ctl->n_args - 1);
		return EXIT_DONE;
	}
	if (!script || ctl->n_args > 1)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("completion is there for bash, zsh and fish"));
	if (!ctl->json) {
		fputs(script, stdout);
		return EXIT_DONE;
	}
	line = json_pack("{s:s, s:s}", "shell", ctl->args[0], "script", script);
	ctl_print_json(line);
	json_decref(line);
	return EXIT_DONE;
}
