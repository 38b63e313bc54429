// SPDX-License-Identifier: GPL-2.0
/* What the doctor found before a run's boots */
#include "analysis/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

/* Was it fixed for the boot? Records of earlier versions call that "mended". */
static bool was_fixed(const json_t *found, const char *path, const char *check)
{
	const json_t *fixed = json_object_get(found, "fixed");

	if (!fixed)
		fixed = json_object_get(found, "mended");
	if (!json_is_boolean(fixed))
		die(EXIT_HARNESS, "%s:1: '%s' is no finding", path, check);
	return json_is_true(fixed);
}

void findings_add(struct analysis *a, const struct record_header *header,
		  const char *path)
{
	const char *check, *level, *what;
	json_t *found, *known;

	json_object_foreach(header->doctor, check, found) {
		bool fixed = was_fixed(found, path, check);

		if (json_unpack(found, "{s:s,s:s}", "level", &level, "what", &what))
			die(EXIT_HARNESS, "%s:1: '%s' is no finding", path, check);
		known = json_object_get(a->doctor, check);
		if (!known) {
			known = json_pack("{s:s,s:[],s:[]}", "level", level, "found",
					  "fixed");
			json_object_set_new(a->doctor, check, known);
		}
		if (fixed)
			json_array_append_new(json_object_get(known, "fixed"),
					      json_integer(header->boot));
		else
			json_array_append_new(json_object_get(known, "found"),
					      json_pack("{s:i,s:s}", "boot",
							(int)header->boot,
							"what", what));
	}
}

json_t *analysis_spoiled(const struct analysis *a)
{
	json_t *list = json_array(), *finding, *found, *one;
	const char *check, *what;
	size_t i;

	json_object_foreach(a->doctor, check, finding) {
		size_t size = 0;
		char *text = NULL;
		FILE *file;

		found = json_object_get(finding, "found");
		if (!json_array_size(found) ||
		    strcmp(json_string_value(json_object_get(finding, "level")), "SPOILS"))
			continue;
		what = json_string_value(json_object_get(json_array_get(found, 0), "what"));
		file = open_memstream(&text, &size);
		if (!file)
			die(EXIT_HARNESS, "out of memory");
		fprintf(file, "%s: %s (boot", check, what);
		json_array_foreach(found, i, one)
			fprintf(file, " %lld",
				(long long)json_integer_value(json_object_get(one, "boot")));
		fputc(')', file);
		fclose(file);
		json_array_append_new(list, json_string(text));
		free(text);
	}
	return list;
}
