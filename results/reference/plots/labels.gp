unit = "instructions"
kernel = "7.2.13-splitbench"
cell = "anon-9-0"
boots = 6
arms = 3
pairs = 2
planted = 0
