// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into splitbench migrate, this breaks what it is to find out, as
 * $SHIM says: no-flag (the device is not told to fail), flip-device (a byte is
 * other on the device), flip-system (a byte is other after the return),
 * swap-switch (the old way is taken for the new one, and the other way round).
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
