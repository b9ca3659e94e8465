"""The statistics of judging: from ballots to scores, standard errors and what stands behind them.

Plain values and arrays in, plain values out; nothing here knows a contest, a request or the clock.

    ballots = read_ballots(read_table(path, "ballots.csv"))     reading.py     a file, checked line by line
    ranking = rank(ballots, Rule.CALIBRATED)                    ranking.py     scores by one of four rules, and ranks
    fit = calibrate(ballots)                                    calibration.py the mixed model behind `calibrated`
    graph(ballots), judge_reports(…), compare(…), what_if(…)    connectivity, diagnostics, whatif
"""
