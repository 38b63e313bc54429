// SPDX-License-Identifier: GPL-2.0
/* The configuration of the running kernel */
#include "machine/kconfig.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "util/util.h"

/* Options that cost something for each page of a folio that is split. */
static const char *const debug_options[] = {
	"DEBUG_VM", "DEBUG_VM_PGFLAGS", "PAGE_OWNER", "MEM_ALLOC_PROFILING",
	"PROVE_LOCKING", "LOCK_STAT", "DEBUG_LOCK_ALLOC", "KASAN", "KMSAN",
	"KCSAN", "KMEMLEAK", "DEBUG_PAGEALLOC", "DEBUG_PAGE_REF",
	"PAGE_TABLE_CHECK", "UBSAN", "DEBUG_LIST", "DEBUG_PREEMPT",
};

/* gzopen() reads both the kernel's compressed copy and a plain file. */
static gzFile open_config(void)
{
	gzFile file = gzopen("/proc/config.gz", "re");
	struct utsname uts;
	char *path;

	if (file || uname(&uts))
		return file;
	path = join("/boot", "config-%s", uts.release);
	file = gzopen(path, "re");
	free(path);
	return file;
}

json_t *kconfig_sha256(void)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	gzFile file = open_config();
	unsigned char buf[4096];
	SHA2_CTX ctx;
	int n;

	if (!file)
		return json_null();
	SHA256Init(&ctx);
	while ((n = gzread(file, buf, sizeof(buf))) > 0)
		SHA256Update(&ctx, buf, n);
	gzclose(file);
	return n < 0 ? json_null() : json_string(SHA256End(&ctx, hex));
}

json_t *kconfig_debug_options(void)
{
	json_t *found = json_array();
	gzFile file = open_config();
	char line[256], want[64];

	if (!file) {
		json_decref(found);
		return json_null();
	}
	while (gzgets(file, line, sizeof(line))) {
		for (size_t i = 0; i < ARRAY_SIZE(debug_options); i++) {
			snprintf(want, sizeof(want), "CONFIG_%s=y\n",
				 debug_options[i]);
			if (!strcmp(line, want))
				json_array_append_new(found,
						      json_string(debug_options[i]));
		}
	}
	gzclose(file);
	return found;
}
