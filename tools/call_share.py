"""Who calls whom: sharing customers out among callers of whom each may see only some, in plain Python."""


def share(allowed, people, mode, owners=None, load=None):
    """Give each customer to one of those who may see it.

    :param list allowed: for each customer, in the order of calling, a bit mask: bit ``n`` is set when ``people[n]`` may see it
    :param list people: the callers
    :param str mode: ``evenly`` (all end with the same number, as far as they may see enough), ``turn`` (one after the other),
        ``owner`` (each owner the own ones, the rest evenly)
    :param list owners: for each customer its owner, for ``owner``; others than the callers count as none
    :param dict load: {person: number} that they have already, for ``evenly`` and ``owner``
    :return: for each customer its caller, or None when nobody may see it
    :rtype: list

    >>> share([0b11, 0b11, 0b11], ["a", "b"], "evenly")
    ['a', 'b', 'a']

    Whoever is alone in seeing something gets it, and others get more of the rest:

    >>> share([0b11, 0b01, 0b01, 0b11], ["a", "b"], "evenly")
    ['b', 'a', 'a', 'b']
    >>> share([0b11, 0b10, 0b11, 0], ["a", "b"], "turn")
    ['a', 'b', 'a', None]
    >>> share([0b11, 0b11, 0b11], ["a", "b"], "owner", owners=["b", "c", "b"])
    ['b', 'a', 'b']
    >>> share([0b11, 0b11], ["a", "b"], "evenly", load={"a": 5})
    ['b', 'b']
    """
    if mode == "turn":
        return _by_turn(allowed, people)
    places = {person: place for place, person in enumerate(people)}
    loads = [(load or {}).get(person, 0) for person in people]
    result = [None] * len(allowed)
    rest = []
    for number, mask in enumerate(allowed):
        place = places.get(owners[number]) if mode == "owner" and owners else None
        if place is not None and mask >> place & 1:
            result[number] = people[place]
            loads[place] += 1
        elif mask:
            rest.append(number)
    by_mask = {}
    # those whom few may see come first, so that the others can make up for it
    for number in sorted(rest, key=lambda number: (allowed[number].bit_count(), number)):
        mask = allowed[number]
        if mask not in by_mask:
            by_mask[mask] = [place for place in range(len(people)) if mask >> place & 1]
        place = min(by_mask[mask], key=loads.__getitem__)
        loads[place] += 1
        result[number] = people[place]
    return result


def _by_turn(allowed, people):
    result, turn = [], 0
    for mask in allowed:
        place = next((place % len(people) for place in range(turn, turn + len(people)) if mask >> (place % len(people)) & 1), None)
        result.append(None if place is None else people[place])
        if place is not None:
            turn = place + 1
    return result
