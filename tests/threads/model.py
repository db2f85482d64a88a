"""The protocol of src/threads/region.c and pool.c, and every way in which threads may interleave.

The generators below say what the functions of the same names say in C. Each `yield` is one access
to what the threads share, a step that no other thread comes into the middle of; what is between two
of them is a thread's own affair. A loop around a compare-and-swap is one step: its last round.
`explore` tries all orders of steps, from every state that can be reached. Memory orders weaker than
this are argued for in region.c, and left to ThreadSanitizer.

To spin is to look once here: a look that finds nothing changes nothing, so that it is all the same
how often, or when, it was done before. So is whether a worker is late: the caller looks at it when
all others have done whatever they may.

Thread 0 is the caller that uses the workers, from 1 on; other callers and the one who forks follow.
"""

from functools import partial
from typing import NamedTuple


class Share(NamedTuple):
    region: int = 0
    started: bool = False
    begin: int = 0
    end: int = 0


class Post(NamedTuple):
    region: int = 0
    threads: int = 0
    units: int = 0
    call: int | None = None  # where the pointer goes: whose pool_run it is


class Shared(NamedTuple):
    posts: tuple = ()
    shares: tuple = ()
    leaves: tuple = ()  # pairs: the region that was left last, whether the caller sleeps until then
    bells: tuple = ()
    asleep: frozenset = frozenset()
    leaving: bool = False
    ended: bool = False
    taken: bool = False
    hired: bool = False
    region: int = 0  # the number of the last one
    parked: frozenset = frozenset()  # pairs of a thread and what it sleeps on
    # What is checked:
    alive: int | None = None  # the call that is in its region
    done: tuple = ()  # how often each of its units was begun
    came: int = 0  # of them
    returned: frozenset = frozenset()  # workers that have


class Split(NamedTuple):
    """As in shares.h."""

    region: int
    units: int
    threads: int

    def first_unit(self, owner):
        return self.units * owner // self.threads

    def as_of(self, owner, share):
        if share.region == self.region:
            return share
        return Share(self.region, False, self.first_unit(owner), self.first_unit(owner + 1))

    @property
    def is_fine(self):
        return self.units > self.threads


def group_of(worker):
    return worker.bit_length() - 1


# The program


def do_own(split, call, me):
    while (taken := (yield "take_own", split, me)) is not None:
        yield from do_units(call, taken)


def do_others(split, call, me, owner, late):
    while (taken := (yield "take_from", split, owner, late)) is not None:
        yield "put_own", split, me, taken
        yield from do_own(split, call, me)


def do_units(call, taken):
    yield "begin_units", call, taken
    yield "finish_units", call


def worker(me):
    post, seen = group_of(me), 0
    while not (yield "load", "leaving"):
        posted = yield "load", "posts", post
        if posted.region == seen:
            yield from sleep_until_called(me, post, seen)
            continue
        seen = posted.region
        yield from take_part(me, post, posted)


def take_part(me, post, posted):
    split = Split(posted.region, posted.units, posted.threads)
    if me >= split.threads:
        return
    taken = yield "take_own", split, me
    if taken is None:
        return
    call = (yield "load", "posts", post).call
    yield from do_units(call, taken)
    yield from do_own(split, call, me)
    if split.is_fine:
        for i in range(1, split.threads):
            yield from do_others(split, call, me, (me + i) % split.threads, late=False)
    if (yield "leave_region", me, split.region):
        yield "unpark", "leaves", me


def sleep_until_called(me, post, seen):
    bell = yield "load", "bells", me
    yield "fall_asleep", me
    if (yield "load", "posts", post).region == seen and not (yield "load", "leaving"):
        yield from park("bells", me, bell)
    yield "come_back", me


def park(name, index, seen):
    yield "park", name, index, seen
    yield ("wake_up",)


def ring(me):
    yield "ring", me
    yield "unpark", "bells", me


def pool_run(call, workers, units, last_region):
    if (yield "exchange", "taken", True):
        return  # and runs alone: that touches nothing which is shared
    yield from hire(workers, last_region)
    yield "enter", call
    number = yield ("next_region",)
    split = Split(number, units, min(workers + 1, units))
    yield from post_region(split, call)
    yield from do_own(split, call, 0)
    for i in range(1, split.threads):
        yield from look_after(split, call, i)
    yield "leave", call
    yield "exchange", "taken", False


def hire(workers, last_region):
    if (yield "load", "region") == last_region:
        yield from dismiss_workers(workers)
    if not (yield "load", "hired"):
        yield ("start_workers",)


def post_region(split, call):
    for group in range((split.threads - 1).bit_length()):
        yield "point_to", group, call
        yield "post", group, split
    yield from wake(split.threads - 1)


def wake(workers):
    for number in sorted((yield "load", "asleep")):
        if number <= workers:
            yield from ring(number)


def look_after(split, call, number):
    while not (yield "has_left", split, number):
        for i in range(number, split.threads):
            yield from do_others(split, call, 0, i, late=True)
        if not (yield "took_part", split, number):
            return
        yield from sleep_until_left(split, number)


def sleep_until_left(split, number):
    while (awaited := (yield "await_leave", split, number)) is not None:
        yield from park("leaves", number, awaited)


def dismiss_workers(workers):
    if (yield "load", "hired"):
        yield "exchange", "leaving", True
        for number in range(1, workers + 1):
            yield from ring(number)
        yield "join", workers
    yield ("forget_workers",)


def pool_stop(workers):
    if (yield "exchange", "ended", True):
        return
    while (yield "exchange", "taken", True):
        pass
    yield from dismiss_workers(workers)


def caller(calls, workers, units, last_region=None):
    """The calls are numbered, each by another number."""
    for call in calls:
        yield from pool_run(call, workers, units, last_region)


def last_caller(calls, workers, units, last_region=None):
    yield from caller(calls, workers, units, last_region)
    yield from pool_stop(workers)


def forker(calls, workers, units):
    """A thread that is not in the pool forks: its child has the pool to itself."""
    if (yield ("fork",)):
        yield ("check_free",)
        yield from last_caller(calls, workers, units)


# The steps. Each gives the states that may come out of it, with what the thread gets; it has to
# wait where there is none. `units` and `together` are the same for all of an exploration. A third
# value says which threads begin anew: the workers, or all but those of a child of fork.


def put(values, index, value):
    return (*values[:index], value, *values[index + 1 :])


class Steps:
    def __init__(self, workers, units, together):
        self.workers, self.units, self.together = workers, units, together

    def afresh(self):
        return Shared(
            posts=(Post(),) * max(1, self.workers.bit_length()),
            shares=(Share(),) * (self.workers + 1),
            leaves=((0, False),) * (self.workers + 1),
            bells=(0,) * (self.workers + 1),
        )

    def load(self, s, me, name, index=None):
        value = getattr(s, name)
        yield s, (value if index is None else value[index])

    def exchange(self, s, me, name, value):
        yield s._replace(**{name: value}), getattr(s, name)

    # shares

    def take_own(self, s, me, split, owner):
        share = s.shares[owner]
        now = split.as_of(owner, share)
        left = now.end - now.begin
        if share.region > split.region or left == 0:
            yield s, None
            return
        taken = now.begin, now.begin + ((left + 1) // 2 if split.is_fine else left)
        after = Share(split.region, True, taken[1], now.end)
        yield s._replace(shares=put(s.shares, owner, after)), taken

    def take_from(self, s, me, split, owner, late):
        now = split.as_of(owner, s.shares[owner])
        left = now.end - now.begin
        if left == 0:
            yield s, None
            return
        begin = now.begin if late and not now.started else now.end - (left + 1) // 2
        after = Share(split.region, now.started, now.begin, begin)
        yield s._replace(shares=put(s.shares, owner, after)), (begin, now.end)

    def put_own(self, s, me, split, owner, taken):
        yield s._replace(shares=put(s.shares, owner, Share(split.region, True, *taken))), None

    def took_part(self, s, me, split, number):
        share = s.shares[number]
        yield s, share.region == split.region and share.started

    # posts

    def next_region(self, s, me):
        yield s._replace(region=s.region + 1), s.region + 1

    def point_to(self, s, me, group, call):
        yield s._replace(posts=put(s.posts, group, s.posts[group]._replace(call=call))), None

    def post(self, s, me, group, split):
        word = {"region": split.region, "threads": split.threads, "units": split.units}
        yield s._replace(posts=put(s.posts, group, s.posts[group]._replace(**word))), None

    def leave_region(self, s, me, number, region):
        yield s._replace(leaves=put(s.leaves, number, (region, False))), s.leaves[number][1]

    def has_left(self, s, me, split, number):
        yield s, s.leaves[number][0] == split.region

    def await_leave(self, s, me, split, number):
        region, _ = s.leaves[number]
        if region == split.region:
            yield s, None
        else:
            yield s._replace(leaves=put(s.leaves, number, (region, True))), (region, True)

    # sleep

    def fall_asleep(self, s, me, number):
        yield s._replace(asleep=s.asleep | {number}), None

    def come_back(self, s, me, number):
        yield s._replace(asleep=s.asleep - {number}), None

    def ring(self, s, me, number):
        yield s._replace(bells=put(s.bells, number, s.bells[number] + 1)), None

    def park(self, s, me, name, index, seen):
        sleeps = getattr(s, name)[index] == seen
        yield (s._replace(parked=s.parked | {(me, name, index)}) if sleeps else s), None

    def wake_up(self, s, me):
        if me not in {thread for thread, *_ in s.parked}:
            yield s, None

    def unpark(self, s, me, name, index):
        yield s._replace(parked=frozenset(p for p in s.parked if p[1:] != (name, index))), None

    # the life of the workers

    def start_workers(self, s, me):
        yield s._replace(hired=True, returned=frozenset()), None, "workers"

    def join(self, s, me, workers):
        if s.returned >= set(range(1, workers + 1)):
            yield s, None

    def forget_workers(self, s, me):
        kept = {"taken": s.taken, "ended": s.ended, "bells": s.bells}
        yield self.afresh()._replace(**kept), None

    def fork(self, s, me):
        yield s, False
        yield self.afresh()._replace(bells=s.bells), True, "child"

    def check_free(self, s, me):
        assert not s.taken, "a child finds the pool taken"
        yield s, None

    # what is checked

    def begin_units(self, s, me, call, taken):
        assert s.alive == call, "the region is gone"
        done = tuple(n + (taken[0] <= i < taken[1]) for i, n in enumerate(s.done))
        assert max(done) == 1, "a unit is done twice"
        yield s._replace(done=done, came=s.came + taken[1] - taken[0]), None

    def finish_units(self, s, me, call):
        assert s.alive == call, "the region is gone"
        if not self.together or s.came == self.units:
            yield s, None

    def enter(self, s, me, call):
        assert s.alive is None, "two have the pool"
        yield s._replace(alive=call, done=(0,) * self.units, came=0), None

    def leave(self, s, me, call):
        assert s.done == (1,) * self.units, f"units were done {s.done} times"
        yield s._replace(alive=None, done=()), None


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


class Moves:
    """What each thread does next from where it is, as far as that was asked for before."""

    def __init__(self):
        self.known = {}

    def after(self, thread, result):
        key = thread.program, thread.place, result
        if key not in self.known:
            self.known[key] = thread.after(result)
        return self.known[key]


def explore(callers, workers, units, together=False):
    """
    Try every way in which threads may interleave; returns the number of states.

    Each of `callers` gives the generator of one thread. With `together`, no unit ends before all
    have begun: each needs a thread, and a worker that is not woken is waited for in vain.
    Raises AssertionError, with the steps that lead there, where something goes wrong.
    """
    steps, moves = Steps(workers, units, together), Moves()
    programs = [partial(worker, number) for number in range(1, workers + 1)]
    fresh = tuple(Thread(program) for program in programs)
    idle = tuple(Thread(generator_of_none) for _ in programs)
    first, *others = (Thread(program) for program in callers)
    threads = (first, *idle, *others)
    seen = {}
    todo = [(steps.afresh(), threads, None)]
    while todo:
        shared, threads, origin = todo.pop()
        state = shared, tuple(thread.place for thread in threads)
        if state in seen:
            continue
        seen[state] = origin
        try:
            following = list(_following(steps, moves, fresh, shared, threads))
            waiting = [thread.step for thread in threads if thread.step is not None]
            assert following or not waiting, f"deadlock: {waiting}"
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(_way_to(state, seen))) from None
        todo += [(*new, (state, number, step)) for new, number, step in following]
    return len(seen)


def generator_of_none():
    """The program of a worker that has not been started."""
    yield from ()


def _following(steps, moves, fresh, shared, threads):
    for number, thread in enumerate(threads):
        if thread.step is None:
            continue
        name, *arguments = thread.step
        for after, result, *anew in getattr(steps, name)(shared, number, *arguments):
            moved = moves.after(thread, result)
            is_worker = 1 <= number <= len(fresh)
            if moved.step is None and is_worker:
                after = after._replace(returned=after.returned | {number})
            yield (
                (after, _with(threads, number, moved, fresh, *anew)),
                number,
                thread.step,
            )


def _with(threads, number, moved, fresh, anew=None):
    """All threads after one has moved. A child of fork has no other."""
    threads = list(threads)
    if anew == "child":
        threads = [Thread(generator_of_none) for _ in threads]
    if anew == "workers":
        threads[1 : len(fresh) + 1] = fresh
    threads[number] = moved
    return tuple(threads)


def _way_to(state, seen):
    lines = []
    while seen[state] is not None:
        state, number, step = seen[state]
        lines.append(f"thread {number}: {step}")
    return reversed(lines)
