from explorer.live.turns import LEASE, MOST, TURN, Turns


def test_first_come_first_served():
    """Places by order of asking; asking again changes nothing."""
    turns = Turns()
    assert [turns.ask(who, 0.0) for who in "abc"] == [0, 1, 2]
    assert [turns.ask(who, 1.0) for who in "cab"] == [2, 0, 1]


def test_a_lease_expires():
    """Who does not ask any more is out, and the others move up."""
    turns = Turns()
    for who in "abc":
        turns.ask(who, 0.0)
    turns.ask("c", LEASE)
    assert turns.ask("c", LEASE + 0.1) == 0
    assert turns.ask("a", LEASE + 0.1) == 1


def test_who_leaves_makes_room():
    turns = Turns()
    for who in "ab":
        turns.ask(who, 0.0)
    turns.leave("a")
    turns.leave("nobody")
    assert turns.ask("b", 0.1) == 0


def test_turns_are_limited_while_others_wait():
    """After TURN seconds in front the first goes to the end; alone, one keeps the place for ever."""
    turns, now, first = Turns(), 0.0, []
    while now < 3 * TURN + 4:
        first += [who for who in "ab" if turns.ask(who, now) == 0]
        now += 1.0
    shifts = [who for i, who in enumerate(first) if i == 0 or first[i - 1] != who]
    assert shifts == ["a", "b", "a", "b"]
    alone = Turns()
    assert all(alone.ask("a", float(t)) == 0 for t in range(int(3 * TURN)))


def test_the_queue_is_bounded():
    """One too many gets no place, and gets one when another is gone."""
    turns = Turns()
    for i in range(MOST):
        assert turns.ask(str(i), 0.0) == i
    assert turns.ask("late", 0.0) is None
    turns.leave("7")
    assert turns.ask("late", 0.0) == MOST - 1
