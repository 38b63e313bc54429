// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into splitbench migrate, this breaks what it is to find out, as
 * $SHIM says: no-flag (the device does not fail), flip-device (a byte is
 * other on the device), flip-system (a byte is other after the return),
 * swap-switch (the old and the new split are exchanged),
 * no-prctl (PR_SET_THP_DISABLE is filtered). And into whatever measures on the host,
 * clock-back: each look at the wall clock is a day before the last one, from when the
 * file $SHIM_FROM is there; $SHIM_USED is made then. QEMU's is left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "sys/test_hmm_uapi.h"

int ioctl(int fd, unsigned long request, ...)
{
	static unsigned int goes, returns;
	int (*next)(int fd, unsigned long request, ...);
	const char *what = getenv("SHIM");
	struct hmm_cmd *cmd;
	va_list args;
	int ret;

	va_start(args, request);
	cmd = va_arg(args, struct hmm_cmd *);
	va_end(args);
	next = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	if (!strcmp(what, "no-flag") && request == HMM_FLAGS &&
	    cmd->npages == HMM_FLAG_FAIL_ALLOC)
		return 0;
	ret = next(fd, request, cmd);
	/*
	 * Somewhere in the middle, and one bit of it; not in the first two, which
	 * are of before anything is timed.
	 */
	if (!strcmp(what, "flip-device") && request == HMM_TO_DEV &&
	    ++goes > 2)
		((char *)(uintptr_t)cmd->ptr)[1234567] ^= 4;
	if (!strcmp(what, "flip-system") && request == HMM_TO_SYS &&
	    ++returns > 2)
		((char *)(uintptr_t)cmd->addr)[765432] ^= 4;
	return ret;
}

ssize_t write(int fd, const void *text, size_t size)
{
	ssize_t (*next)(int fd, const void *text, size_t size);
	char link[32], path[64] = "";

	next = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!strcmp(getenv("SHIM"), "swap-switch") &&
	    readlink(link, path, sizeof(path) - 1) > 0 &&
	    strstr(path, "migrate_split_variant"))
		text = *(const char *)text == '1' ? "0" : "1";
	return next(fd, text, size);
}

int prctl(int option, ...)
{
	int (*next)(int option, unsigned long a, unsigned long b, unsigned long c,
		    unsigned long d);
	unsigned long arg[4];
	va_list args;

	va_start(args, option);
	for (unsigned int i = 0; i < 4; i++)
		arg[i] = va_arg(args, unsigned long);
	va_end(args);
	if (!strcmp(getenv("SHIM"), "no-prctl") && option == PR_SET_THP_DISABLE) {
		errno = EPERM;
		return -1;
	}
	next = (int (*)(int, unsigned long, unsigned long, unsigned long,
			unsigned long))dlsym(RTLD_NEXT, "prctl");
	return next(option, arg[0], arg[1], arg[2], arg[3]);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t clock, struct timespec *now);
	static unsigned int days;
	const char *what = getenv("SHIM");
	int ret, fd;

	if (!next)
		next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	ret = next(clock, now);
	if (ret || clock != CLOCK_REALTIME || !what || strcmp(what, "clock-back") ||
	    !strncmp(program_invocation_short_name, "qemu", 4) ||
	    access(getenv("SHIM_FROM"), F_OK))
		return ret;
	now->tv_sec -= ++days * 86400;
	fd = open(getenv("SHIM_USED"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return 0;
}
