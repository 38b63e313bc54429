// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into splitbench migrate, this breaks what it is to find out, as
 * $SHIM says: no-flag (the device is not told to fail), flip-device (a byte is
 * other on the device), flip-system (a byte is other after the return).
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* As in the kernel's lib/test_hmm_uapi.h. */
struct hmm_cmd {
	uint64_t addr;
	uint64_t ptr;
	uint64_t npages;
	uint64_t cpages;
	uint64_t faults;
};

#define HMM_TO_DEV	_IOWR('H', 0x02, struct hmm_cmd)
#define HMM_TO_SYS	_IOWR('H', 0x03, struct hmm_cmd)
#define HMM_FLAGS	_IOWR('H', 0x08, struct hmm_cmd)
#define FAIL_ALLOC	1

int ioctl(int fd, unsigned long request, ...)
{
	static unsigned int returns;
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
	    cmd->npages == FAIL_ALLOC)
		return 0;
	ret = next(fd, request, cmd);
	/* Somewhere in the middle, and one bit of it. */
	if (!strcmp(what, "flip-device") && request == HMM_TO_DEV)
		((char *)(uintptr_t)cmd->ptr)[1234567] ^= 4;
	/* The first two are of before anything is timed. */
	if (!strcmp(what, "flip-system") && request == HMM_TO_SYS &&
	    ++returns > 2)
		((char *)(uintptr_t)cmd->addr)[765432] ^= 4;
	return ret;
}
