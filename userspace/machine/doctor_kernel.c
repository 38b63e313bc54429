// SPDX-License-Identifier: GPL-2.0
/* Checks of what there has to be, or nothing can be measured */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/doctor_checks.h"
#include "machine/kconfig.h"
#include "machine/split_functions.h"
#include "machine/thp_enabled.h"
#include "util/util.h"

/* Options without which there is nothing to be measured, or nothing to see it by */
static const char *const wanted[] = {
	"TRANSPARENT_HUGEPAGE", "DEVICE_PRIVATE", "DEBUG_FS", "MODULES",
	"MODULE_UNLOAD", "PROC_PAGE_MONITOR", "NUMA",
};

/* The options of what a module is built against; headers come without .config. */
#define OPTIONS	"include/config/auto.conf"

/* What the kernel itself calls: only those from after the change have it. */
static bool has_new_split(void)
{
	return doctor_has("/proc/kallsyms", " " SPLIT_NEW_FUNCTION "\n");
}

static char *release(void)
{
	char *text = doctor_text("/proc/sys/kernel/osrelease");

	return text ? text : strdup("unknown");
}

bool check_headers(struct finding *f)
{
	char *build = doctor_build(), *makefile = doctor_build_text("Makefile");
	char *options = doctor_build_text(OPTIONS), *running = release();
	bool missing = !makefile || !options;

	if (makefile && !options) {
		doctor_found(f, "%s was never built: it has no " OPTIONS, build);
		doctor_set_fix(f, "set KBUILD=DIR to the build folder of the running kernel");
	} else if (missing) {
		doctor_found(f, "there is no %s to build a module against", build);
		if (has_new_split())
			doctor_set_fix(f, "install linux-headers-%s, or set KBUILD=DIR",
				       running);
		else
			doctor_set_fix(f, "nor has Linux %s the split: make install-kernel installs a suitable one",
				       running);
	}
	free(running);
	free(options);
	free(makefile);
	free(build);
	return missing;
}

/* A module of another build would be refused, or worse: taken. */
bool check_build(struct finding *f)
{
	char *of = doctor_build_text("include/config/kernel.release");
	char *running = release();
	bool other = !of || strcmp(of, running);

	if (other)
		doctor_found(f, "what a module is built against is of Linux %s, and %s is running",
			     of ? of : "(unknown)", running);
	free(running);
	free(of);
	return other;
}

bool check_exports(struct finding *f)
{
	char *symbols = doctor_build_text("Module.symvers"), *running = release();
	bool missing = !symbols || (!strstr(symbols, "\t" SPLIT_NEW_FUNCTION "\t") &&
		!strstr(symbols, "\t" SPLIT_BEFORE_FUNCTION "\t"));

	if (missing)
		doctor_found(f, "Linux %s does not export the split of an unmapped folio",
			     running);
	free(running);
	free(symbols);
	return missing;
}

/* Of a kernel that is measured as it is: the symbol's name is there for everybody. */
bool check_split(struct finding *f)
{
	bool missing = !has_new_split();
	char *running = missing ? release() : NULL;

	if (missing)
		doctor_found(f, "Linux %s has no " SPLIT_NEW_FUNCTION "(), which is there since 6.19",
			     running);
	free(running);
	return missing;
}

/* Is there a line "CONFIG_@name=@value"? */
static bool has_option(const char *config, const char *name, char value)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\nCONFIG_%s=%c", name, value);
	at = config ? strstr(config, line) : NULL;
	return at && (at[strlen(line)] == '\n' || !at[strlen(line)]);
}

bool check_kernel(struct finding *f)
{
	char *config = doctor_build_text(OPTIONS), list[sizeof(f->what) - 32] = "";
	size_t len = 0;

	for (size_t i = 0; config && i < ARRAY_SIZE(wanted); i++) {
		if (!has_option(config, wanted[i], 'y') && len < sizeof(list))
			len += snprintf(list + len, sizeof(list) - len, " CONFIG_%s",
					wanted[i]);
	}
	free(config);
	return *list && doctor_found(f, "the kernel is without%s", list);
}

bool check_test_hmm(struct finding *f)
{
	char *config = doctor_build_text(OPTIONS);
	bool missing = config && !has_option(config, "TEST_HMM", 'm');

	free(config);
	return missing && doctor_found(f, "the kernel is without CONFIG_TEST_HMM=m: no migrations, no device-private folios");
}

/* Would sudo ask for a password? */
static bool sudo_is_free(void)
{
	static char *const argv[] = { "sudo", "-n", "true", NULL };
	posix_spawn_file_actions_t quiet;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", 1, 0);
	if (!posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ)) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	posix_spawn_file_actions_destroy(&quiet);
	return !status;
}

bool check_root(struct finding *f)
{
	return doctor_is_here() && geteuid() && !sudo_is_free() &&
	       doctor_found(f, "only root can load a module");
}

bool check_lockdown(struct finding *f)
{
	char *state = doctor_text("/sys/kernel/security/lockdown");
	bool locked = state && *state && !strstr(state, "[none]");

	if (locked)
		doctor_found(f, "the kernel is locked down (%s)", state);
	free(state);
	return locked;
}

bool check_signing(struct finding *f)
{
	return doctor_is("/sys/module/module/parameters/sig_enforce", "Y") &&
	       doctor_found(f, "the kernel loads signed modules only");
}

bool check_debugfs(struct finding *f)
{
	return !doctor_has("/proc/mounts", " /sys/kernel/debug debugfs ") &&
	       doctor_found(f, "debugfs is not mounted");
}

bool check_thp(struct finding *f)
{
	/* What a run does first */
	if (doctor_is_here())
		thp_allow();
	return thp_disabled(doctor_text, f);
}

/* The module calls what is exported, so it works; each indirect call costs more. */
bool check_ibt(struct finding *f)
{
	char *config = doctor_build_text(OPTIONS);
	bool on = has_option(config, "X86_KERNEL_IBT", 'y') &&
		doctor_has("/proc/cpuinfo", " ibt") &&
		!doctor_has("/proc/cmdline", "ibt=off");

	free(config);
	return on && doctor_found(f, "IBT is enforced: each target of an indirect call is an instruction longer");
}

bool check_debug_options(struct finding *f)
{
	json_t *options = doctor_is_here() ? kconfig_debug_options() : json_null();
	char list[sizeof(f->what) - 32] = "";
	size_t i, len = 0;
	json_t *name;

	json_array_foreach(options, i, name) {
		if (len < sizeof(list))
			len += snprintf(list + len, sizeof(list) - len, " %s",
					json_string_value(name));
	}
	json_decref(options);
	return *list && doctor_found(f, "the kernel checks itself:%s", list);
}
