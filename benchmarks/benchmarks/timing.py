"""Timers that are read in turn, so that what disturbs one disturbs all."""

import math
import timeit

import numpy as np


def interleaved(timers, rounds=101, sample=0.0002, number=None, limit=math.inf, least=11):
    """Seconds a call: a row for each timer, a column for each round.

    One round takes one sample of each timer, so that what slows the machine down for a while slows
    them all; every second round goes backwards, so that none profits from its place. The ratio to
    quote is the median of the ratios within a round.

    A sample lasts `sample` seconds or more, unless `number` gives its calls. It is short on
    purpose: a process that shares its core is stopped for milliseconds at a time. Of many samples
    far shorter than that few are hit, and the median passes them over; of a few as long as that
    every other one is, and the median is a matter of luck.

    There are fewer rounds, but no fewer than `least`, where they would take longer than `limit`
    seconds. What is measured is warm: each has run before the first round.
    """
    numbers = [number or calls_lasting(timer, sample) for timer in timers]
    for timer in timers:
        timer.timeit(1)
    seconds = []
    end = timeit.default_timer() + limit
    while len(seconds) < rounds and (len(seconds) < least or timeit.default_timer() < end):
        order = range(len(timers))[:: -1 if len(seconds) % 2 else 1]
        taken = {i: timers[i].timeit(numbers[i]) / numbers[i] for i in order}
        seconds.append([taken[i] for i in range(len(timers))])
    return np.transpose(seconds)


def calls_lasting(timer, seconds):
    """How many calls, a power of two, take that long."""
    number = 1
    timer.timeit(number)  # the first call pays for the page faults of its arrays
    while timer.timeit(number) < seconds:
        number *= 2
    return number
