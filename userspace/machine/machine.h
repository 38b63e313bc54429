/* SPDX-License-Identifier: GPL-2.0 */
/* What is recorded of the machine and its kernel: RUN/machine.json */
#ifndef SPLITBENCH_MACHINE_H
#define SPLITBENCH_MACHINE_H

#include <jansson.h>
#include <stdint.h>

#define MACHINE_SCHEMA	"splitbench.machine/1"

/**
 * machine_unit() - what this machine's counter counts
 *
 * The VM says so on its kernel's command line (splitbench.unit=): under
 * emulation the counter counts instructions, or the host's time, which must
 * not pass for the time of hardware.
 *
 * Return: "instructions", "emulated" or "tsc".
 */
const char *machine_unit(void);

/**
 * machine_spoil_kib() - how much has to be read for nothing else to be in a cache
 *
 * Return: KiB: twice the largest cache of the first CPU, as sysfs has it.
 */
unsigned int machine_spoil_kib(void);

/**
 * machine_build_id() - the build id among a kernel's ELF notes
 * @notes: file of the notes, such as /sys/kernel/notes
 *
 * Return: in hex, as a string; null if there is none.
 */
json_t *machine_build_id(const char *notes);

/**
 * machine_compiler() - what a kernel was compiled and linked by
 * @version: what /proc/version says; NULL: it is not there
 *
 * Return: such as "gcc (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils) 2.40", a string;
 * null if it does not say so.
 */
json_t *machine_compiler(const char *version);

/**
 * machine_cmdline() - a kernel's command line, as it is recorded and published
 * @text: what /proc/cmdline says; NULL: it is not there
 *
 * Return: a string without the folder of our VM's init, which is where the checkout of the
 * person who measures is, and means nothing to others; null if it is not there.
 */
json_t *machine_cmdline(const char *text);

/**
 * machine_record() - write RUN/machine.json, or see that it is still true
 * @run_dir: the run's folder
 * @build: which build of the kernel this is, from 1; of others than the first there
 *	   is a machine-N.json, too
 * @counter_khz: rate of the module's counter
 *
 * A run is of one kernel on one machine: does not return if the run was
 * begun on another.
 */
void machine_record(const char *run_dir, unsigned int build, uint64_t counter_khz);

#endif /* SPLITBENCH_MACHINE_H */
