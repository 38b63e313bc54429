// SPDX-License-Identifier: GPL-2.0
/* How the machines and configurations of two runs differ */
#include "analysis/machine_diff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "util/util.h"

/* Of as many the rest is only counted. */
#define MAX_OPTIONS	12

/*
 * What may differ: the kernels are what is compared, and their configuration, which
 * has the compiler, is looked at option by option; the rest is of the moment.
 */
static const char *const ignored[] = {
	"schema", "recorded", "counter_khz", "loadavg", "kernel release",
	"kernel version", "kernel build_id", "kernel config_sha256", "kernel compiler",
};

static bool is_ignored(const char *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
		if (!strcmp(ignored[i], where))
			return true;
	}
	return strstr(where, "memory_bytes");
}

/* The init of a guest is in the tool's folder, wherever that is. */
static json_t *without_init(const json_t *cmdline)
{
	char *text = strdup(json_string_value(cmdline)), *at, *word;
	char *left = calloc(1, strlen(text) + 2);
	json_t *json;

	for (at = text; (word = strsep(&at, " ")); ) {
		if (strncmp(word, "init=", 5) && *word)
			strcat(strcat(left, *left ? " " : ""), word);
	}
	json = json_string(left);
	free(left);
	free(text);
	return json;
}

/*
 * The TSC is the clocksource under another name until it has been calibrated, about a
 * second after booting: which of them is seen depends on how fast the machine boots.
 */
static const json_t *without_early(const json_t *value, json_t *tsc)
{
	const char *text = json_string_value(value);

	return text && !strcmp(text, "tsc-early") ? tsc : value;
}

static char *shown(const json_t *value)
{
	char *text;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	return text ? text : strdup("nothing");
}

static void note(json_t *list, const char *where, const json_t *a,
		 const json_t *b)
{
	char *in_a = shown(a), *in_b = shown(b);

	json_array_append_new(list, json_sprintf("%s: %s in A, %s in B", where,
						 in_a, in_b));
	free(in_a);
	free(in_b);
}

static void compare_values(json_t *list, const char *where, const json_t *a,
			   const json_t *b);

static void compare_objects(json_t *list, const char *where, const json_t *a,
			    const json_t *b)
{
	json_t *keys = json_object();
	const char *key;
	json_t *unused;

	json_object_update(keys, (json_t *)a);
	json_object_update_missing(keys, (json_t *)b);
	json_object_foreach(keys, key, unused) {
		char *inner;

		if (asprintf(&inner, "%s%s%s", where, *where ? " " : "", key) < 0)
			die(EXIT_HARNESS, "out of memory");
		if (!is_ignored(inner))
			compare_values(list, inner, json_object_get(a, key),
				       json_object_get(b, key));
		free(inner);
	}
	json_decref(keys);
}

static void compare_values(json_t *list, const char *where, const json_t *a,
			   const json_t *b)
{
	if (json_is_object(a) && json_is_object(b)) {
		compare_objects(list, where, a, b);
	} else if (json_is_array(a) && json_is_array(b) &&
		   json_array_size(a) == json_array_size(b)) {
		for (size_t i = 0; i < json_array_size(a); i++)
			compare_values(list, where, json_array_get(a, i),
				       json_array_get(b, i));
	} else if (!strcmp(where, "kernel cmdline") && json_is_string(a) &&
		   json_is_string(b)) {
		json_t *in_a = without_init(a), *in_b = without_init(b);

		if (!json_equal(in_a, in_b))
			note(list, where, in_a, in_b);
		json_decref(in_a);
		json_decref(in_b);
	} else if (!strcmp(where, "clocksource")) {
		json_t *tsc = json_string("tsc");

		a = without_early(a, tsc);
		b = without_early(b, tsc);
		if (!json_equal(a, b))
			note(list, where, a, b);
		json_decref(tsc);
	} else if (!json_equal(a, b)) {
		note(list, where, a, b);
	}
}

/* The options of RUN/config and their values; NULL if it is not there */
static json_t *load_config(const char *run)
{
	char *path = join(run, "config"), *line = NULL, *value;
	FILE *file = fopen(path, "re");
	json_t *options = json_object();
	size_t size = 0;

	free(path);
	if (!file) {
		json_decref(options);
		return NULL;
	}
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, '=');
		if (strncmp(line, "CONFIG_", 7) || !value)
			continue;
		*value++ = '\0';
		json_object_set_new(options, line, json_string(value));
	}
	if (ferror(file))
		die(EXIT_HARNESS, "%s/config: %s", run, strerror(errno));
	free(line);
	fclose(file);
	json_object_del(options, "CONFIG_FOLIO_SPLIT_OLD");
	json_object_del(options, "CONFIG_FOLIO_SPLIT_AGAIN");
	return options;
}

/* Options that say what the compiler is and can: with another one, these differ as well. */
static bool is_of_compiler(const char *option)
{
	static const char *const prefixes[] = {
		"CC_", "GCC_", "CLANG_", "AS_", "LD_", "LLD_", "HAS_", "HAVE_", "ARCH_HAS_",
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (!strncmp(option + strlen("CONFIG_"), prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return false;
}

/* Of kernels by two compilers, one option says so, and the others follow from it. */
static void leave_out_compilers(json_t *a, json_t *b)
{
	static const char text[] = "CONFIG_CC_VERSION_TEXT";
	json_t *both[] = { a, b }, *unused;
	const char *option;
	void *next;

	if (json_equal(json_object_get(a, text), json_object_get(b, text)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		json_object_foreach_safe(both[i], next, option, unused) {
			if (is_of_compiler(option) && strcmp(option, text))
				json_object_del(both[i], option);
		}
	}
}

static void compare_configs(json_t *list, const char *a, const char *b)
{
	json_t *in_a = load_config(a), *in_b = load_config(b);
	json_t *found = json_array();
	size_t nr;

	if (in_a && in_b)
		leave_out_compilers(in_a, in_b);
	if (in_a && in_b)
		compare_objects(found, "", in_a, in_b);
	else
		json_array_append_new(list, json_sprintf("the kernel's configuration of %s is not there to compare",
							 in_a ? b : a));
	nr = json_array_size(found);
	for (size_t i = 0; i < nr && i < MAX_OPTIONS; i++)
		json_array_append(list, json_array_get(found, i));
	if (nr > MAX_OPTIONS)
		json_array_append_new(list, json_sprintf("and %zu more options of the kernels' configuration",
							 nr - MAX_OPTIONS));
	json_decref(found);
	json_decref(in_a);
	json_decref(in_b);
}

json_t *machine_diff(const char *a, const char *b)
{
	char *path_a = join(a, "machine.json"), *path_b = join(b, "machine.json");
	json_t *in_a = load_json(path_a, MACHINE_SCHEMA);
	json_t *in_b = load_json(path_b, MACHINE_SCHEMA);
	json_t *list = json_array();

	compare_objects(list, "", in_a, in_b);
	compare_configs(list, a, b);
	json_decref(in_a);
	json_decref(in_b);
	free(path_a);
	free(path_b);
	return list;
}
