// SPDX-License-Identifier: GPL-2.0
/*
 * The first program of a guest whose kernel has its root file system as modules, as a
 * distribution's has: load them, mount the root that the command line names, and become
 * its init. Linked statically, it is all that is in the initramfs, beside the modules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT	"/sysroot"
/* Files of modules, one a line, each after those that it needs */
#define MODULES	"/modules"

/* The first program's end is a panic, and QEMU's. */
static void fail(const char *what)
{
	fprintf(stderr, "splitbench: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void load_modules(void)
{
	FILE *list = fopen(MODULES, "re");
	char path[128];

	if (!list)
		fail(MODULES);
	while (fscanf(list, "%127s", path) == 1) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			fail(path);
		close(fd);
	}
	fclose(list);
}

/* The value of the option @name on the kernel's command line */
static const char *option(const char *line, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = line; *at; at += strspn(at, "\n ")) {
		size_t word = strcspn(at, "\n ");

		if (word > len && !strncmp(at, name, len) && at[len] == '=')
			return strndup(at + len + 1, word - len - 1);
		at += word;
	}
	errno = ENOENT;
	fail(name);
	return NULL;
}

int main(void)
{
	char line[4096] = "";
	const char *init;
	FILE *file;

	load_modules();
	if (mount("proc", "/proc", "proc", 0, NULL))
		fail("/proc");
	file = fopen("/proc/cmdline", "re");
	if (!file || !fgets(line, sizeof(line), file))
		fail("/proc/cmdline");
	fclose(file);
	if (mount(option(line, "root"), ROOT, option(line, "rootfstype"), MS_RDONLY,
		  option(line, "rootflags")))
		fail("the root");
	init = option(line, "init");
	if (umount("/proc") || chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		fail(ROOT);
	execl(init, init, NULL);
	fail(init);
}
