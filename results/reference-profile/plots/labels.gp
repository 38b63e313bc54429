unit = "instructions"
planted = 0
profile_title = "Where the samples of migrate are, Linux 7.2.13-splitbench"
profile_text = "percent of 10539 samples by cpu-clock:k; the target's clock counts instructions"
