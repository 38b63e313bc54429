/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_SPLIT_H
#define SPLITBENCH_SPLIT_H

/* splitbench split: one boot's blocks, measured and recorded as they come */
int cmd_split(int argc, char **argv);

#endif /* SPLITBENCH_SPLIT_H */
