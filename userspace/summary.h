/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_SUMMARY_H
#define SPLITBENCH_SUMMARY_H

/* splitbench summary: what a run says, as a table and as RUN/summary.json */
int cmd_summary(int argc, char **argv);

/* splitbench plotdata: the columns that plots/ draws, as RUN/plots/NAME.dat */
int cmd_plotdata(int argc, char **argv);

#endif /* SPLITBENCH_SUMMARY_H */
