/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface of the kernel's lib/test_hmm.c, as of Linux 6.19 to 7.3: no
 * package installs its header.
 */
#ifndef SPLITBENCH_TEST_HMM_UAPI_H
#define SPLITBENCH_TEST_HMM_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>

/**
 * struct hmm_cmd - argument of all ioctls
 * @addr: page aligned
 * @ptr: buffer for what is copied from the device
 * @npages: how many pages; of HMM_FLAGS: the flags
 * @cpages: gets how many were done
 * @faults: gets the faults of the device
 */
struct hmm_cmd {
	uint64_t addr;
	uint64_t ptr;
	uint64_t npages;
	uint64_t cpages;
	uint64_t faults;
};

#define HMM_TO_DEV	_IOWR('H', 0x02, struct hmm_cmd)
#define HMM_TO_SYS	_IOWR('H', 0x03, struct hmm_cmd)
#define HMM_SNAPSHOT	_IOWR('H', 0x04, struct hmm_cmd)
#define HMM_RELEASE	_IOWR('H', 0x07, struct hmm_cmd)
#define HMM_FLAGS	_IOWR('H', 0x08, struct hmm_cmd)

/* One-shot: the next large allocation fails. */
#define HMM_FLAG_FAIL_ALLOC	1

#endif /* SPLITBENCH_TEST_HMM_UAPI_H */
