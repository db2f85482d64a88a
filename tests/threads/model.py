"""The protocol of src/threads/pool.c, and every way in which its threads may interleave.

The generators below say what the functions of the same names say in C. Each `yield` is one access
to what the threads share, a step that no other thread comes into the middle of; what is between two
of them is a thread's own affair. `explore` tries all orders of steps, from every state that can be
reached. Memory orders weaker than this are argued for in pool.c, and left to ThreadSanitizer.

To spin is to look once here: a look that finds nothing changes nothing, so that it is all the same
how often, or when, it was done before.

Workers are the first threads, number 0 and up, and have been started already.
"""

from typing import NamedTuple


class Shared(NamedTuple):
    seats: int = 0
    owed: int = 0
    asleep: int = 0
    stopping: bool = False
    taken: bool = False
    region: int | None = None  # what pool.region points to
    next: int = 0  # of that region
    mutex: int | None = None  # the thread that holds it
    waiting: frozenset = frozenset()  # pairs of a thread and the condition variable it sleeps on
    # What is checked:
    alive: int | None = None  # the region whose caller is in it
    started: tuple = ()  # how often each of its pieces was begun
    ended: frozenset = frozenset()  # threads that have returned
    came: int = 0  # pieces of the region that wait for the others to begin


# The program


def worker():
    while True:
        while (yield ("take_seat",)):
            yield from work_in_seat()
        if not (yield from sleep_until_called()):
            return


def work_in_seat():
    region = yield "load", "region"
    yield from do_pieces(region)
    yield from leave_seat()


def do_pieces(region):
    while True:
        piece = yield "increment_next", region
        if piece is None:
            return
        yield "begin_piece", region, piece
        yield "finish_piece", region


def leave_seat():
    if (yield "add", "owed", -1) == 1:
        yield ("lock",)
        yield ("unlock",)
        yield "signal", "left"


def sleep_until_called():
    yield ("lock",)
    yield "add", "asleep", 1
    if (yield "load", "seats") == 0 and not (yield "load", "stopping"):
        yield from wait("called")
    yield "add", "asleep", -1
    yield ("unlock",)
    return not (yield "load", "stopping")


def wait(condition):
    yield "fall_asleep", condition
    yield ("wake_up",)


def pool_run(region, workers, wanted):
    if (yield "exchange", "taken", True):
        return  # and runs alone: that touches nothing which is shared
    yield "enter", region
    yield from open_region(region, workers, wanted)
    yield from do_pieces(region)
    yield from close_region(wanted)
    yield "leave", region
    yield "exchange", "taken", False


def open_region(region, workers, wanted):
    yield "exchange", "region", region
    yield "exchange", "seats", wanted
    yield from wake(workers, wanted)


def wake(workers, wanted):
    asleep = yield "load", "asleep"
    awake = workers - asleep
    if wanted > awake:
        yield ("lock",)
        yield ("unlock",)
    while awake < wanted:
        yield "signal", "called"
        awake += 1


def close_region(wanted):
    left = yield "exchange", "seats", 0
    seated = wanted - left
    if seated == 0 or (yield "add", "owed", seated) == -seated or (yield "load", "owed") == 0:
        return
    yield ("lock",)
    while (yield "load", "owed") != 0:
        yield from wait("left")
    yield ("unlock",)


def pool_stop(workers):
    yield "exchange", "stopping", True
    while (yield "exchange", "taken", True):
        pass
    yield ("lock",)
    yield "broadcast", "called"
    yield ("unlock",)
    yield "join", workers


def caller(regions, workers, wanted):
    """The regions are numbered, each by another number."""
    for region in regions:
        yield from pool_run(region, workers, wanted)


def last_caller(regions, workers, wanted):
    yield from caller(regions, workers, wanted)
    yield from pool_stop(workers)


# The steps. Each gives the states that may come out of it, with what the thread gets; it has to
# wait where there is none. `pieces` and `together` are the same for all of an exploration.


class Steps:
    def __init__(self, pieces, together):
        self.pieces, self.together = pieces, together

    def load(self, s, me, name):
        yield s, getattr(s, name)

    def exchange(self, s, me, name, value):
        yield s._replace(**{name: value}), getattr(s, name)

    def add(self, s, me, name, number):
        yield s._replace(**{name: getattr(s, name) + number}), getattr(s, name)

    def take_seat(self, s, me):
        yield s._replace(seats=max(0, s.seats - 1)), s.seats > 0

    def increment_next(self, s, me, region):
        assert s.alive == region, "the region is gone"
        yield s._replace(next=s.next + 1), (s.next if s.next < self.pieces else None)

    def begin_piece(self, s, me, region, piece):
        assert s.alive == region, "the region is gone"
        started = tuple(n + (i == piece) for i, n in enumerate(s.started))
        yield s._replace(started=started, came=s.came + 1), None

    def finish_piece(self, s, me, region):
        assert s.alive == region, "the region is gone"
        if not self.together or s.came == self.pieces:
            yield s, None

    def enter(self, s, me, region):
        assert s.alive is None, "two have the pool"
        assert (s.seats, s.owed) == (0, 0), "something is left of the last region"
        yield s._replace(alive=region, next=0, started=(0,) * self.pieces, came=0), None

    def leave(self, s, me, region):
        assert s.started == (1,) * self.pieces, f"pieces were done {s.started} times"
        yield s._replace(alive=None, started=()), None

    def lock(self, s, me):
        if s.mutex is None:
            yield s._replace(mutex=me), None

    def unlock(self, s, me):
        assert s.mutex == me
        yield s._replace(mutex=None), None

    def fall_asleep(self, s, me, condition):
        assert s.mutex == me
        yield s._replace(mutex=None, waiting=s.waiting | {(me, condition)}), None

    def wake_up(self, s, me):
        if s.mutex is None and me not in {thread for thread, _ in s.waiting}:
            yield s._replace(mutex=me), None

    def signal(self, s, me, condition):
        sleepers = [pair for pair in s.waiting if pair[1] == condition]
        for pair in sleepers:
            yield s._replace(waiting=s.waiting - {pair}), None
        if not sleepers:
            yield s, None

    def broadcast(self, s, me, condition):
        yield s._replace(waiting=frozenset(w for w in s.waiting if w[1] != condition)), None

    def join(self, s, me, workers):
        if s.ended >= set(range(workers)):
            yield s, None


# The exploration


class Thread:
    """Where a thread is: what its program got so far, and what it is about to do."""

    def __init__(self, program, results=()):
        self.program, self.results = program, results
        generator = program()
        try:
            self.step = next(generator)
            for result in results:
                self.step = generator.send(result)
        except StopIteration:
            self.step = None
        self.place = tuple(_frames(generator))

    def after(self, result):
        return Thread(self.program, (*self.results, result))


def _frames(generator):
    """All that the rest of a thread's way depends on: the line and the variables of each call."""
    while generator is not None and generator.gi_frame is not None:
        frame = generator.gi_frame
        yield generator.__name__, frame.f_lasti, tuple(frame.f_locals.items())
        generator = generator.gi_yieldfrom


def explore(programs, pieces, together=False):
    """
    Try every way in which threads may interleave; returns the number of states.

    Each of `programs` gives the generator of one thread. With `together`, no piece ends before all
    have begun: each needs a thread, and a worker that is not woken is waited for in vain.
    Raises AssertionError, with the steps that lead there, where something goes wrong.
    """
    steps = Steps(pieces, together)
    threads = tuple(Thread(program) for program in programs)
    seen = {}
    todo = [(Shared(), threads, None)]
    while todo:
        shared, threads, origin = todo.pop()
        state = shared, tuple(thread.place for thread in threads)
        if state in seen:
            continue
        seen[state] = origin
        try:
            following = list(_following(steps, shared, threads))
            waiting = [thread.step for thread in threads if thread.step is not None]
            assert following or not waiting, f"deadlock: {waiting}"
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(_way_to(state, seen))) from None
        todo += [(*new, (state, number, step)) for new, number, step in following]
    return len(seen)


def _following(steps, shared, threads):
    for number, thread in enumerate(threads):
        if thread.step is None:
            continue
        name, *arguments = thread.step
        for after, result in getattr(steps, name)(shared, number, *arguments):
            moved = thread.after(result)
            if moved.step is None:
                after = after._replace(ended=after.ended | {number})
            yield (after, (*threads[:number], moved, *threads[number + 1 :])), number, thread.step


def _way_to(state, seen):
    lines = []
    while seen[state] is not None:
        state, number, step = seen[state]
        lines.append(f"thread {number}: {step}")
    return reversed(lines)
