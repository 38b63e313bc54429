// SPDX-License-Identifier: GPL-2.0
/* The device of the module folio_split_bench, and its arms */
#include "sys/fsb_module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util/util.h"

#define PATH	"/sys/kernel/debug/" FSB_FILE

static const struct fsb_arm *find(const struct fsb_arm *arms, unsigned int nr,
				  const char *name)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (!strcmp(arms[i].name, name))
			return &arms[i];
	}
	return NULL;
}

const char *module_arms_wrong(const struct fsb_arm *arms, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		const struct fsb_arm *arm = &arms[i];

		if (!arm_is_name(arm->name))
			return reason("bench/arms.c: entry %u: '%s' is not the name of an arm: a letter, and up to %d letters, digits, - and _",
				      i + 1, arm->name, ARM_NAME_LEN - 2);
		if (find(arms, nr, arm->name) != arm)
			return reason("bench/arms.c: two entries are called '%s': rename one of them",
				      arm->name);
		if (*arm->against && !find(arms, nr, arm->against))
			return reason("bench/arms.c: '%s' is compared against '%s', which is not an arm",
				      arm->name, arm->against);
		if (!strcmp(arm->against, arm->name))
			return reason("bench/arms.c: '%s' is compared against itself",
				      arm->name);
	}
	if (!find(arms, nr, arm_name(ARM_EMPTY)))
		return reason("bench/arms.c: there is no arm '%s', which measures timer overhead",
			      arm_name(ARM_EMPTY));
	return NULL;
}

char *module_arm_names(const struct module *m)
{
	char *names = strdup("");

	for (unsigned int i = 0; names && i < m->info.nr_arms; i++) {
		char *all;

		if (asprintf(&all, "%s%s%s", names, i ? " " : "", m->arms[i].name) < 0)
			die(EXIT_HARNESS, "out of memory");
		free(names);
		names = all;
	}
	return names;
}

unsigned int module_define(const struct module *m, struct arm_defs *defs)
{
	unsigned int set = 0;

	for (unsigned int arm = 0; arm < arms_known(); arm++) {
		const struct fsb_arm *from = find(m->arms, m->info.nr_arms, arm_name(arm));

		if (!from)
			continue;
		strcpy(defs->def[arm].code, from->code);
		strcpy(defs->def[arm].against, from->against);
		defs->def[arm].control = from->control;
		set |= ARM_BIT(arm);
		if (*from->against)
			arm_add(from->against);
	}
	return set;
}

struct module module_open(void)
{
	struct module m = { .info.version = FSB_VERSION };
	const char *wrong;

	m.fd = open(PATH, O_RDWR | O_CLOEXEC);
	if (m.fd < 0 && errno == ENOENT)
		die(EXIT_SKIP,
		    "no " PATH ": load folio_split_bench.ko (bench/build.sh) and mount debugfs");
	if (m.fd < 0)
		die(EXIT_SKIP, PATH ": %s: only root may use it", strerror(errno));
	if (ioctl(m.fd, FSB_IOC_INFO, &m.info)) {
		if (errno == EPROTONOSUPPORT)
			die(EXIT_SKIP,
			    "the loaded module is not of this version (%u): reload it",
			    FSB_VERSION);
		die(EXIT_HARNESS, PATH ": %s", strerror(errno));
	}
	m.arms = calloc(m.info.nr_arms, sizeof(*m.arms));
	if (!m.arms)
		die(EXIT_HARNESS, "out of memory");
	for (unsigned int i = 0; i < m.info.nr_arms; i++) {
		m.arms[i].index = i;
		if (ioctl(m.fd, FSB_IOC_ARM, &m.arms[i]))
			die(EXIT_HARNESS, PATH ": arm %u: %s", i,
			    strerror(errno));
	}
	wrong = module_arms_wrong(m.arms, m.info.nr_arms);
	if (wrong)
		die(EXIT_HARNESS, "%s", wrong);
	return m;
}

void module_close(struct module *m)
{
	close(m->fd);
	free(m->arms);
}

int module_arm(const struct module *m, const char *name,
	       enum split_state state)
{
	const struct fsb_arm *arm = find(m->arms, m->info.nr_arms, name);

	return arm && arm->available >> state & 1 ? (int)(arm - m->arms) : -1;
}

int module_run(const struct module *m, struct fsb_run *run)
{
	return ioctl(m->fd, FSB_IOC_RUN, run);
}

int module_ping(const struct module *m, struct fsb_ping *ping)
{
	return ioctl(m->fd, FSB_IOC_PING, ping);
}

const char *module_refusal(int error)
{
	switch (error) {
	case EPROTONOSUPPORT:
		return "the module has another version";
	case E2BIG:
		return "no folios, or more than a request takes";
	case ERANGE:
		return "not an order that such a folio can be split to";
	case ECHRNG:
		return "not an order that such a folio can have";
	case EDOM:
		return "more slow loops than allowed";
	case EFBIG:
		return "spoil_kib is above its limit";
	case EBADRQC:
		return "flags that the module does not know, or that exclude each other";
	case EINVAL:
		return "the address is not a multiple of the PMD size";
	case EFAULT:
		return "a user pointer is bad";
	case ENXIO:
		return "unknown arm";
	case EOPNOTSUPP:
		return "this kernel does not have that arm, or cannot make struct pages cold";
	case EPERM:
		return "the file was opened by another process";
	case ENOMEM:
		return "the range is not mapped as one, or memory is out";
	case EMEDIUMTYPE:
		return "the mapping is not private and anonymous";
	case ENODATA:
		return "not all of the range is PMD-mapped THPs";
	case EACCES:
		return "a THP is not mapped writable: shared with a fork, or protected";
	case EBUSY:
		return "a THP is pinned, locked or being swapped";
	case ENOSPC:
		return "there is no swap for a whole folio";
	case EUSERS:
		return "a barrier of no participants, or of more than the module allows";
	case ETIME:
		return "the timeout of the barrier is 0 or too long";
	case EALREADY:
		return "the barrier is full, or of another size";
	case EDEADLK:
		return "another request of this process waits at the barrier";
	case ETIMEDOUT:
		return "not all participants of the barrier arrived in time";
	case ECANCELED:
		return "another participant of the barrier failed";
	case ENOBUFS:
		return "more events than the module counts";
	case ENOPROTOOPT:
		return "this machine does not count that event";
	case ENODEV:
		return "that CPU is not online";
	default:
		return strerror(error);
	}
}
