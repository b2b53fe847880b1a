"""How a number of customers is shared among people, in plain Python."""

import heapq


def evenly(count, people):
    """Return how many each gets when all get the same; the first ones get what is left over.

    >>> evenly(7, ["a", "b", "c"])
    {'a': 3, 'b': 2, 'c': 2}
    """
    share, rest = divmod(count, len(people))
    return {person: share + (number < rest) for number, person in enumerate(people)}


def by_turn(count, people):
    """Return who gets the first, the second, and so on, when they take turns.

    >>> by_turn(4, ["b", "c", "a"])
    ['b', 'c', 'a', 'b']
    """
    return [people[number % len(people)] for number in range(count)]


def by_capacity(count, free):
    """Return how many each gets when the one with most room always comes next, so that all end with the same room left.

    :param dict free: {person: room}, None for room without end

    >>> by_capacity(4, {"a": 1, "b": 5})
    {'a': 0, 'b': 4}
    >>> by_capacity(6, {"a": 1, "b": 5})
    {'a': 1, 'b': 5}
    >>> by_capacity(3, {"a": 1, "b": 1})
    Traceback (most recent call last):
    ...
    ValueError: 1 too many
    >>> by_capacity(5, {"a": 2, "b": None})
    {'a': 0, 'b': 5}
    """
    endless = [person for person, room in free.items() if room is None]
    shares = dict.fromkeys(free, 0)
    if endless:
        shares.update(evenly(count, endless))
        return shares
    # the room left, negative since the heap gives the smallest first, then the order in which they were named
    rooms = [(-max(room, 0), number, person) for number, (person, room) in enumerate(free.items())]
    heapq.heapify(rooms)
    total = sum(-room for room, _number, _person in rooms)
    if total < count:
        raise ValueError(f"{count - total} too many")
    for _turn in range(count):
        room, number, person = heapq.heappop(rooms)
        shares[person] += 1
        heapq.heappush(rooms, (room + 1, number, person))
    return shares
