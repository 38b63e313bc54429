/* SPDX-License-Identifier: GPL-2.0 */
/* The commands: each parses its options and returns an exit status. */
#ifndef SPLITBENCH_BUILTIN_H
#define SPLITBENCH_BUILTIN_H

int cmd_compare(int argc, char **argv);
int cmd_cover(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_flame(int argc, char **argv);
int cmd_guard(int argc, char **argv);
int cmd_measure(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_plotdata(int argc, char **argv);
int cmd_summary(int argc, char **argv);
int cmd_watch(int argc, char **argv);

#endif /* SPLITBENCH_BUILTIN_H */
