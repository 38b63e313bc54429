/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is changed on the machine is put back on every way out: a process
 * beside ours remembers it before it is changed, and undoes it when ours has
 * ended, by whatever: return, Ctrl-C, SIGKILL. If that one is killed, too, the
 * next of us puts back what is left, and says so.
 */
#ifndef SPLITBENCH_GUARD_H
#define SPLITBENCH_GUARD_H

#include <sys/types.h>

/*
 * Begin. To be called once, before any thread is made. Two of us would undo
 * each other's changes: does not return if there is another for long, unless
 * that is one we run under (splitbench guard).
 */
void guard_start(void);

/**
 * guard_set() - change a setting of the machine
 * @path: its file in sysfs, debugfs or procfs
 * @value: what to write
 *
 * Does nothing if that is its value already. Of a choice, "always [madvise] never", the
 * value is the one that is chosen.
 *
 * Return: 0; -1 with errno set: EMEDIUMTYPE if it is no file of the kernel's,
 * EINVAL if it has lines or nothing, and cannot be put back.
 */
int guard_set(const char *path, const char *value);

/**
 * guard_remember() - put a setting back at the end to what it is now
 * @path: its file
 *
 * Return: as guard_set().
 */
int guard_remember(const char *path);

/* Empty a list of the kernel's at the end, as of a filter. Return: as guard_set(). */
int guard_empty(const char *path);

/* Have no process of that group left before anything is put back. */
void guard_group(pid_t group);

/**
 * guard_later() - something to be done at the end
 * @what: "append FILE\tTEXT", "unlink FILE", "rmdir DIR", "rmdirs PATTERN" or
 *	  "rmmod MODULE"
 *
 * To be called before there is anything to undo: what is not there is no
 * error. What was asked for last is done first.
 */
void guard_later(const char *what);

/* Messages of libkmod are ours to report: in one line, if they matter. */
struct kmod_ctx;
void guard_quiet(struct kmod_ctx *ctx);

/* In a process that was made since: what it does is not the guard's business. */
void guard_forget(void);

/**
 * guard_end() - put everything back now
 *
 * Return: 0; -1 if something could not be put back, which was reported.
 */
int guard_end(void);

#endif /* SPLITBENCH_GUARD_H */
