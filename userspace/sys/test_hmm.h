/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's test device for heterogeneous memory, lib/test_hmm.c */
#ifndef SPLITBENCH_TEST_HMM_H
#define SPLITBENCH_TEST_HMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * hmm_load() - see that the driver is there
 * @module: a file to load it from if it is not; NULL: by its name
 *
 * What was loaded here is unloaded at the end, by the guard.
 *
 * Return: NULL; or, in words, why it cannot be had and what to do.
 */
const char *hmm_load(const char *module);

/**
 * hmm_open() - a mirror of this process on a device
 * @device: 0 or 1
 *
 * Return: its file; does not return if there is none.
 */
int hmm_open(unsigned int device);

/**
 * hmm_to_dev() - migrate to the device, and read what is there then
 * @fd: of the device
 * @addr: page aligned
 * @pages: how many
 * @copy: gets what the device sees
 *
 * Return: how many pages are there; -1 with errno set.
 */
long hmm_to_dev(int fd, void *addr, size_t pages, void *copy);

/**
 * hmm_to_sys() - migrate back to the system
 * @fd: of the device
 * @addr: page aligned
 * @pages: how many
 *
 * Return: how many pages were migrated; -1 with errno set.
 */
long hmm_to_sys(int fd, void *addr, size_t pages);

/**
 * hmm_flag() - make the device fail its next large allocation
 * @fd: of the device
 * @fail: false: an ioctl that does nothing
 *
 * Return: 0; -1 with errno set.
 */
int hmm_flag(int fd, bool fail);

/**
 * hmm_snapshot() - where pages are, as the device sees them
 * @fd: of the device
 * @addr: page aligned
 * @pages: how many
 * @seen: gets a byte a page
 *
 * Return: 0; -1 with errno set.
 */
int hmm_snapshot(int fd, void *addr, size_t pages, uint8_t *seen);

#define HMM_SEEN_ON_DEVICE(seen)	(((seen) & 0xf0) == 0x20)
#define HMM_SEEN_HUGE(seen)		((seen) & 0x04)

/* Take all of the device's memory from it; what is in it goes to the system. */
int hmm_release(int fd);

/* How many 256 MiB chunks of memory all devices have; -1: not known */
int hmm_chunks(void);

#endif /* SPLITBENCH_TEST_HMM_H */
