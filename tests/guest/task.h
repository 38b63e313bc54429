/* SPDX-License-Identifier: GPL-2.0 */
/* What another process or thread is at, as the kernel reports it */
#ifndef SPLITBENCH_TESTS_TASK_H
#define SPLITBENCH_TESTS_TASK_H

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Looks of task_comes_to_sleep_in(): a minute of an emulated CPU */
#define TASK_LOOKS	200000

/*
 * The beginning of /proc/TID/@file; empty if there is none. Without memory to be
 * allocated: another thread of ours may hold the mmap lock.
 */
static inline void task_read(pid_t tid, const char *file, char text[64])
{
	char path[64];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, text, 63);
		close(fd);
	}
	text[got > 0 ? got : 0] = 0;
}

/**
 * task_comes_to_sleep_in() - wait until a task sleeps in some function
 * @tid: process or thread
 * @function: how its name begins
 * @seen: gets what was seen last
 * @size: of that
 *
 * We do not sleep meanwhile: nothing but the task's own progress decides.
 *
 * Return: true; false if it has ended, or does not come there.
 */
static inline bool task_comes_to_sleep_in(pid_t tid, const char *function,
					  char *seen, size_t size)
{
	char wchan[64], stat[64], *state;

	for (long i = 0; i < TASK_LOOKS; i++) {
		task_read(tid, "wchan", wchan);
		if (!strncmp(wchan, function, strlen(function)))
			return true;
		task_read(tid, "stat", stat);
		state = strrchr(stat, ')');
		snprintf(seen, size, "look %ld, stat '%s', wchan '%s'", i, stat, wchan);
		/* It may have ended, and only its parent has not seen that yet. */
		if (!state || strchr("ZX", state[2]))
			return false;
		sched_yield();
	}
	return false;
}

#endif /* SPLITBENCH_TESTS_TASK_H */
