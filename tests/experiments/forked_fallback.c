// SPDX-License-Identifier: GPL-2.0
/*
 * Reproducer: where a THP that is shared after fork() migrates and falls back to small pages,
 * the other process is left with a PMD for the first of them. See forked_fallback.txt.
 *
 *   forked_fallback to-dev|to-sys flag|none [split]
 *
 * With "none" nothing falls back, and with "split" the child maps the THP by PTEs: no page is
 * wrong then. Needs the kernel's test device (modprobe test_hmm) and root. Status 1 if a page
 * of the child is not what it was, or the child was killed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/test_hmm.h"
#include "sys/thp.h"
#include "util/util.h"

/* Seconds until a child that waits for a page for good is ended */
#define PATIENCE	30

static size_t page_bytes, pages;

static uint64_t word_of(size_t page)
{
	return (page + 1) * 0x9e3779b97f4a7c15ULL;
}

static volatile uint64_t *word(unsigned char *thp, size_t page)
{
	return (uint64_t *)(thp + page * page_bytes);
}

static unsigned char *map_thp(void)
{
	size_t size = thp_size();
	unsigned char *map = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		die(EXIT_SKIP, "out of memory");
	map = (unsigned char *)(((uintptr_t)map + size - 1) & ~(size - 1));
	madvise(map, size, MADV_HUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		*word(map, i) = word_of(i);
	return map;
}

/* The child: what it finds when its parent has migrated; it does not return. */
static void look(unsigned char *thp, bool split, int ready, int migrated)
{
	size_t wrong = 0, first = 0;
	char byte;

	alarm(PATIENCE);
	/* A page less of its own is a PMD less. */
	pages -= split;
	if (split && munmap((void *)word(thp, pages), page_bytes))
		_exit(EXIT_HARNESS);
	if (write(ready, "", 1) != 1 || read(migrated, &byte, 1) != 1)
		_exit(EXIT_HARNESS);
	for (size_t i = 0; i < pages; i++) {
		uint64_t seen = *word(thp, i);

		if (seen == word_of(i))
			continue;
		if (!wrong++)
			first = i;
	}
	printf("%zu of %zu pages of the child are wrong", wrong, pages);
	if (wrong)
		printf(", from page %zu on", first);
	printf("\n");
	fflush(stdout);
	_exit(wrong ? EXIT_DIFFERS : EXIT_DONE);
}

int main(int argc, char **argv)
{
	bool split = argc == 4 && !strcmp(argv[3], "split");
	bool to_sys, flag;
	unsigned char *thp, *copy;
	int fd, status, ready[2], migrated[2];
	pid_t child;
	char byte;

	if (argc != 3 + split)
		die(EXIT_USAGE, "usage: forked_fallback to-dev|to-sys flag|none [split]");
	to_sys = !strcmp(argv[1], "to-sys");
	flag = !strcmp(argv[2], "flag");
	fd = hmm_open(0);
	if (fd < 0)
		die(EXIT_SKIP, "the test device cannot be opened: modprobe test_hmm");
	page_bytes = sysconf(_SC_PAGESIZE);
	pages = thp_size() / page_bytes;
	thp = map_thp();
	copy = malloc(thp_size());
	if (!copy || pipe(ready) || pipe(migrated))
		die(EXIT_SKIP, "out of memory");
	if (to_sys && hmm_to_dev(fd, thp, pages, copy) != (long)pages)
		die(EXIT_SKIP, "the THP does not get to the device");
	child = fork();
	if (child < 0)
		die(EXIT_SKIP, "no child process");
	if (!child)
		look(thp, split, ready[1], migrated[0]);
	if (read(ready[0], &byte, 1) != 1)
		die(EXIT_HARNESS, "the child is lost");
	hmm_flag(fd, flag);
	if (to_sys)
		hmm_to_sys(fd, thp, pages);
	else
		hmm_to_dev(fd, thp, pages, copy);
	hmm_flag(fd, false);
	if (write(migrated[1], "", 1) != 1 || waitpid(child, &status, 0) != child)
		die(EXIT_HARNESS, "the child is lost");
	if (WIFSIGNALED(status)) {
		printf("the child was ended by signal %d\n", WTERMSIG(status));
		return EXIT_DIFFERS;
	}
	return WEXITSTATUS(status);
}
