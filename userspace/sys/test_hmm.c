// SPDX-License-Identifier: GPL-2.0
/* The kernel's test device for heterogeneous memory, by its ioctls */
#include "sys/test_hmm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/guard.h"
#include "sys/kmod.h"
#include "sys/test_hmm_uapi.h"
#include "util/util.h"

#define NAME	"test_hmm"

/* Flags travel in npages, which must not be 0; this one has no meaning. */
#define FLAG_NOTHING	2

static const char *load(const char *path)
{
	int error = load_module(NAME, path);

	if (error && geteuid())
		return "only root can load " NAME;
	if (error == EPERM || error == EKEYREJECTED || error == ENOKEY)
		return reason("the kernel loads no " NAME ", which is not signed (%s): switch Secure Boot off, or boot without lockdown= and module.sig_enforce",
			      strerror(error));
	if (error)
		return reason("no " NAME ": %s: build the kernel with CONFIG_TEST_HMM=m, or say --test-hmm FILE",
			      strerror(error));
	return NULL;
}

const char *hmm_load(const char *module)
{
	static bool done;
	const char *error = NULL;
	char *users;

	/* Once it is ours, its users are. */
	if (done)
		return NULL;
	if (!is_loaded(NAME)) {
		error = load(module);
		done = !error;
		return error;
	}
	/* Its memory is released between rounds: not under somebody's feet. */
	users = read_text("/sys/module/" NAME "/refcnt");
	if (users && strcmp(users, "0"))
		error = reason(NAME " is in use by another process (%s users)",
			       users);
	free(users);
	done = !error;
	return error;
}

static int major_number(void)
{
	FILE *file = fopen("/proc/devices", "re");
	int number, found = -1;
	char name[64];

	while (file && !feof(file)) {
		if (fscanf(file, "%d %63s\n", &number, name) == 2) {
			if (!strcmp(name, "HMM_DMIRROR"))
				found = number;
		} else if (fscanf(file, "%*[^\n]\n") == EOF) {
			break;
		}
	}
	if (file)
		fclose(file);
	return found;
}

int hmm_open(unsigned int device)
{
	int number = major_number(), fd, saved;
	char dir[] = "/dev/splitbench.XXXXXX", node[64];

	if (number < 0)
		die(EXIT_SKIP, "no HMM_DMIRROR in /proc/devices: load " NAME);
	snprintf(node, sizeof(node), "/dev/hmm_dmirror%u", device);
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		die(EXIT_SKIP, "%s: %s%s", node, strerror(errno),
		    errno == EACCES ? ": only root may use it" : "");
	/* Nobody makes a node for it: take one of our own, and its name away. */
	if (!mkdtemp(dir))
		die(EXIT_SKIP, "a node in /dev for hmm_dmirror%u: %s: only root may use it",
		    device, strerror(errno));
	snprintf(node, sizeof(node), "rmdir %s", dir);
	guard_later(node);
	snprintf(node, sizeof(node), "unlink %s/%u", dir, device);
	guard_later(node);
	snprintf(node, sizeof(node), "%s/%u", dir, device);
	fd = mknod(node, S_IFCHR | 0600, makedev(number, device)) ? -1 :
		open(node, O_RDWR | O_CLOEXEC);
	saved = errno;
	unlink(node);
	rmdir(dir);
	if (fd < 0)
		die(EXIT_SKIP, "hmm_dmirror%u: %s%s", device, strerror(saved),
		    saved == EPERM ? ": only root may use it" : "");
	return fd;
}

static long command(int fd, unsigned long request, struct hmm_cmd *cmd)
{
	return ioctl(fd, request, cmd) ? -1 : (long)cmd->cpages;
}

long hmm_to_dev(int fd, void *addr, size_t pages, void *copy)
{
	struct hmm_cmd cmd = {
		.addr = (uintptr_t)addr, .ptr = (uintptr_t)copy,
		.npages = pages,
	};

	return command(fd, HMM_TO_DEV, &cmd);
}

long hmm_to_sys(int fd, void *addr, size_t pages)
{
	struct hmm_cmd cmd = { .addr = (uintptr_t)addr, .npages = pages };

	return command(fd, HMM_TO_SYS, &cmd);
}

int hmm_flag(int fd, bool fail)
{
	struct hmm_cmd cmd = { .npages = fail ? HMM_FLAG_FAIL_ALLOC : FLAG_NOTHING };

	return command(fd, HMM_FLAGS, &cmd) < 0 ? -1 : 0;
}

int hmm_snapshot(int fd, void *addr, size_t pages, uint8_t *seen)
{
	struct hmm_cmd cmd = {
		.addr = (uintptr_t)addr, .ptr = (uintptr_t)seen,
		.npages = pages,
	};

	return command(fd, HMM_SNAPSHOT, &cmd) == (long)pages ? 0 : -1;
}

int hmm_release(int fd)
{
	struct hmm_cmd cmd = { .npages = 1 };

	return command(fd, HMM_RELEASE, &cmd) < 0 ? -1 : 0;
}

int hmm_chunks(void)
{
	FILE *file = fopen("/proc/iomem", "re");
	char line[128];
	int chunks = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		chunks += !!strstr(line, "hmm_dmirror");
	fclose(file);
	return chunks;
}
